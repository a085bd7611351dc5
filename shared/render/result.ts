import type { Delivery } from "../resources/delivery.ts";
import type { Condition, KubeObject } from "../resources/meta.ts";
import type { StunnerdConfig } from "../resources/stunnerd-config.ts";

/** Settings and outside facts of one rendering (spec/rendering.md 1.4, spec/improvements.md). */
export interface RenderOptions {
  readonly controllerName: string;
  readonly mode: "managed" | "legacy";
  /** false: Service backends become STRICT_DNS clusters. */
  readonly endpointDiscovery: boolean;
  /** false: Endpoints are read in place of EndpointSlices. */
  readonly endpointSlices: boolean;
  readonly onInvalid: "hold" | "teardown";
  readonly referenceGrants: "permit" | "enforce";
  readonly certificates: "verify" | "trust";
  /** Label and annotation keys that are never propagated. */
  readonly labelFilter: readonly string[];
  /** `http://host:port`, the value of STUNNER_CONFIG_ORIGIN with direct delivery. */
  readonly configOrigin: string;
  /** How configurations reach the pods (managed mode); absent: direct. */
  readonly delivery?: Delivery | undefined;
  /** What is published now, by `namespace/name`: a held listener takes its certificate from here (I10). */
  readonly published: ReadonlyMap<string, StunnerdConfig>;
  /** Gateways (`namespace/name`) whose class has been absent long enough to let them go (I9). */
  readonly released: ReadonlySet<string>;
  /** Milliseconds since the epoch; only to report expired certificates. */
  readonly now: number;
}

/** A Service, ConfigMap, Secret, Deployment or DaemonSet with exactly the fields that we mean to own. */
export type DesiredObject = KubeObject & { metadata: { namespace: string } };

/**
 * The whole status of an object: conditions of ours without `lastTransitionTime` (the writer adds it), everything
 * foreign as it was loaded.
 */
export interface DesiredStatus {
  readonly apiVersion: string;
  readonly kind: "GatewayClass" | "Gateway" | "UDPRoute";
  readonly namespace?: string;
  readonly name: string;
  readonly status: { readonly conditions?: readonly Condition[]; readonly [field: string]: unknown };
}

/** What is wrong with an object of the user, or what the user ought to know of it. Never holds a secret. */
export interface Problem {
  readonly severity: "error" | "warning";
  /** `Kind namespace/name`. */
  readonly object: string;
  /** Path of the field, `spec.listeners[0].protocol`; empty where it is the object as a whole. */
  readonly field: string;
  /** A condition reason, or a word of the same form. */
  readonly reason: string;
  /** What is wrong and what is accepted. */
  readonly message: string;
}

export interface RenderResult {
  /** Served configurations by `namespace/name` of the Gateway, ascending; empty in legacy mode. */
  readonly configs: ReadonlyMap<string, RenderedConfig>;
  /** Everything that must exist, ascending by kind, namespace, name. */
  readonly objects: readonly DesiredObject[];
  readonly statuses: readonly DesiredStatus[];
  readonly problems: readonly Problem[];
  /** What must stay as it is, whatever else this result says (I10). */
  readonly held: Held;
  /** What is ours, live, and no longer wanted: apply deletes exactly this (I9, I32). Ascending like `objects`. */
  readonly deletions: readonly Deletion[];
  /** Gateways that look like ours but whose class is absent: see `RenderOptions.released`. */
  readonly orphans: readonly string[];
}

export interface Deletion {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** For the preconditions of the delete, where the source has them. */
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface RenderedConfig {
  readonly config: StunnerdConfig;
  /** UID of the Gateway, empty where the source has none. */
  readonly uid: string;
}

export interface Held {
  /** `namespace/name` of configurations. */
  readonly configs: ReadonlySet<string>;
  /** `Kind/namespace/name`. */
  readonly objects: ReadonlySet<string>;
}
