import type { ClusterState } from "../resources/cluster.ts";
import { GATEWAY_GROUP, STUNNER_GROUP } from "../resources/constants.ts";
import type { BackendRef } from "../resources/udp-route.ts";
import { ALL_PORTS, isAddressOrPrefix, portRange, rangeSuffix } from "./endpoint.ts";
import { podAddresses } from "./endpoints.ts";
import { isGranted } from "./grants.ts";
import type { RenderOptions } from "./result.ts";
import type { Route } from "./route.ts";

export type BackendReason = "InvalidKind" | "BackendNotFound" | "RefNotPermitted";

/** What one backendRef contributes; each is judged alone (improvements I2). */
export interface Backend {
  readonly type: "STATIC" | "STRICT_DNS";
  readonly endpoints: readonly string[];
  /** What is wrong with it; its good endpoints count nevertheless. */
  readonly error?: { readonly reason: BackendReason; readonly message: string };
  /** What its owner ought to know though nothing is wrong. */
  readonly note?: string;
}

const bad = (reason: BackendReason, message: string): Backend => ({ type: "STATIC", endpoints: [], error: { reason, message } });

/** Resolves a backendRef of a route (spec/rendering.md 6.4 steps a to g, 6.5; improvements I1, I2, I16, I20). */
export function resolveBackend(state: ClusterState, options: RenderOptions, { route, official }: Route, ref: BackendRef): Backend {
  const group = ref.group ?? "";
  const kind = ref.kind ?? "Service";
  const home = route.metadata.namespace ?? "";
  const namespace = ref.namespace ?? home;
  const name = `${namespace}/${ref.name}`;
  const isService = group === "" && kind === "Service";
  if (!isService && !(group === STUNNER_GROUP && kind === "StaticService")) {
    return bad("InvalidKind", `${kind} ${name} of group "${group}" cannot be a backend; accepted: Service of group "", StaticService of group "${STUNNER_GROUP}"`);
  }
  if (
    options.referenceGrants === "enforce" &&
    !isGranted(state, { group: official ? GATEWAY_GROUP : STUNNER_GROUP, kind: "UDPRoute", namespace: home }, { group, kind, namespace, name: ref.name })
  ) {
    return bad("RefNotPermitted", `${kind} ${name} is in another namespace and no ReferenceGrant there allows it for UDPRoutes of ${home}`);
  }
  const backend = isService ? serviceBackend(state, options, name) : staticBackend(state, name);
  // The official kind makes the port mandatory and upstream never looked at it (spec/rendering.md 6.1.2).
  return official || backend.type === "STRICT_DNS" ? backend : withPorts(backend, ref, name);
}

function serviceBackend(state: ClusterState, options: RenderOptions, name: string): Backend {
  if (!options.endpointDiscovery) {
    const [namespace, service] = name.split("/");
    return { type: "STRICT_DNS", endpoints: [`${service}.${namespace}.svc.cluster.local`] };
  }
  const service = state.services.get(name);
  if (service?.spec?.type === "ExternalName") {
    return bad("InvalidKind", `Service ${name} is of type ExternalName, which has no endpoints; accepted: a Service with pods or a cluster IP`);
  }
  const clusterIP = service?.spec?.clusterIP;
  const addresses = [...(podAddresses(state, name, options.endpointSlices) ?? [])];
  if (clusterIP && clusterIP !== "None") addresses.push(clusterIP);
  if (!service && addresses.length === 0) return bad("BackendNotFound", `Service ${name} does not exist`);
  return parsed(addresses, `Service ${name}`);
}

function staticBackend(state: ClusterState, name: string): Backend {
  const service = state.staticServices.get(name);
  return service ? parsed(service.spec?.prefixes ?? [], `StaticService ${name}`) : bad("BackendNotFound", `StaticService ${name} does not exist`);
}

/** Keeps what stunnerd can read: one endpoint that it cannot would cost the whole config (I2). */
function parsed(addresses: readonly string[], owner: string): Backend {
  const endpoints = addresses.filter(isAddressOrPrefix);
  if (endpoints.length === addresses.length) return { type: "STATIC", endpoints };
  const wrong = addresses.filter((one) => !isAddressOrPrefix(one)).map((one) => `"${one}"`);
  const message = `${owner}: ${wrong.join(", ")} left out; accepted: an IP address or an address prefix such as 192.0.2.0/24`;
  return { type: "STATIC", endpoints, error: { reason: "BackendNotFound", message } };
}

function withPorts(backend: Backend, { port, endPort }: BackendRef, name: string): Backend {
  const range = portRange(port, endPort);
  const suffix = rangeSuffix(range);
  if (suffix === "") return backend;
  const endpoints = backend.endpoints.map((address) => address + suffix);
  if (port !== undefined || range.low !== ALL_PORTS.low) return { ...backend, endpoints };
  return { ...backend, endpoints, note: `${name} has endPort without port: ports ${range.low} to ${range.high} are open` };
}
