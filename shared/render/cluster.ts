import type { ClusterState } from "../resources/cluster.ts";
import type { StunnerdCluster } from "../resources/stunnerd-config.ts";
import { resolveBackend, type Backend } from "./backend.ts";
import type { RenderOptions } from "./result.ts";
import type { Route } from "./route.ts";

/** The cluster of a route and the state of its references, the same for every parent (spec/rendering.md 6.4, 6.6). */
export interface RenderedCluster {
  /** None where the route has no rule. */
  readonly cluster?: StunnerdCluster;
  /** Reason of ResolvedRefs. */
  readonly reason: string;
  readonly resolved: boolean;
  /** Names every bad backend (I2), then what else is worth knowing. */
  readonly message: string;
  /** The message tells something although everything resolved. */
  readonly noted: boolean;
  /** Further rules are ignored (I37). */
  readonly extraRules: boolean;
}

export function renderCluster(state: ClusterState, options: RenderOptions, route: Route): RenderedCluster {
  const rules = route.route.spec.rules ?? [];
  const rule = rules[0];
  if (!rule) {
    const message = "the route has no rules; one rule with backendRefs is needed";
    return { reason: "BackendNotFound", resolved: false, message, noted: false, extraRules: false };
  }
  const backends = (rule.backendRefs ?? []).map((ref) => resolveBackend(state, options, route, ref));
  // A STATIC cluster takes addresses only and a STRICT_DNS cluster names only; the first good backend decides.
  const type = backends.find((one) => one.endpoints.length > 0)?.type ?? backends.find((one) => !one.error)?.type ?? "STATIC";
  const judged = backends.map((backend) => (backend.error || backend.type === type ? backend : otherType(backend, type)));
  const endpoints = judged.filter((one) => one.type === type).flatMap((one) => one.endpoints).sort();
  const errors = judged.flatMap(({ error }) => error ?? []);
  const notes = judged.flatMap(({ note }) => note ?? []);
  return {
    cluster: { name: route.key, type, protocol: "UDP", ...(endpoints.length > 0 ? { endpoints } : {}) },
    reason: errors[0]?.reason ?? "ResolvedRefs",
    resolved: errors.length === 0,
    message: [...(errors.length > 0 ? errors.map((one) => one.message) : ["all references resolved"]), ...notes].join("; "),
    noted: notes.length > 0,
    extraRules: rules.length > 1,
  };
}

function otherType(backend: Backend, type: Backend["type"]): Backend {
  const message =
    type === "STATIC"
      ? "a Service cannot stand beside a StaticService while endpoint discovery is off; it is left out"
      : "a StaticService cannot stand beside a Service while endpoint discovery is off; it is left out";
  return { ...backend, endpoints: [], error: { reason: "BackendNotFound", message } };
}
