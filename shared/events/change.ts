import { GATEWAY_GROUP, STUNNER_GROUP } from "../resources/constants.ts";

/** What a write did, as far as the event tells. */
export type Operation = "create" | "update" | "delete" | "unknown";

export type Labels = Readonly<Record<string, string>>;

/**
 * A hint that an object has changed or is about to (DESIGN.md 2: an event says "look again", its content is never
 * rendered). Lists such as `labels` hold the value before and after the write, as far as the event tells: two equal ones
 * say that it stays, one says that the other is not known or not there, an absent list says that nothing is known.
 */
export interface Change {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Where the event tells it. */
  readonly apiVersion?: string;
  /** Absent for kinds without namespaces. */
  readonly namespace?: string;
  /** Empty: objects of this kind (in this namespace) whose names the event does not tell. */
  readonly name: string;
  readonly operation: Operation;
  /** `status` or `scale`: nothing else of the object was written. */
  readonly subresource?: string;
  /** Who wrote, where the event tells. */
  readonly manager?: string;
  readonly uid?: string;
  readonly generation?: number;
  /** After the write. */
  readonly resourceVersion?: string;
  readonly labels?: readonly Labels[];
  /** `spec.gatewayClassName` of a Gateway. */
  readonly classes?: readonly string[];
  /** `spec.controllerName` of a GatewayClass. */
  readonly controllers?: readonly string[];
  /** `status.addresses` of a Node, as JSON. */
  readonly addresses?: readonly string[];
  /** The name of an EndpointSlice begins with that of its Service: its controller wrote it. */
  readonly nameIsGenerated?: true;
  /** The event comes before the write is stored: what to wait for. */
  readonly visible?: Visible;
}

/** When a write can be seen (DESIGN.md 4.4). */
export type Visible =
  | { readonly until: "created"; readonly uid?: string }
  /** `generation`: at least this one; else another resourceVersion than `resourceVersion`. */
  | { readonly until: "updated"; readonly generation?: number; readonly resourceVersion?: string }
  | { readonly until: "deleted"; readonly uid?: string };

/** Which kinds a cluster serves changes with the CRDs of our groups (improvements I44). */
export const CRD_GROUP = "apiextensions.k8s.io";
export const CRD_KIND = "CustomResourceDefinition";

/** `Kind.group`, or `Kind` for the core group. */
export function kindKey({ group, kind }: Pick<Change, "group" | "kind">): string {
  return group === "" ? kind : `${kind}.${group}`;
}

/** `namespace/name`, or `name` without a namespace. */
export function objectName({ namespace, name }: Pick<Change, "namespace" | "name">): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Text that is the same for changes that matter to the same extent: of several such the last one stands for all. */
export function hintKey(change: Change): string {
  const { uid: _uid, generation: _generation, resourceVersion: _resourceVersion, apiVersion: _apiVersion, visible: _visible, ...rest } = change;
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether the kinds that the cluster serves, of those that are read, may be others now. */
export function isAboutKinds({ group, kind, name }: Change): boolean {
  const isOurs = name === "" || name.endsWith(`.${GATEWAY_GROUP}`) || name.endsWith(`.${STUNNER_GROUP}`);
  return group === CRD_GROUP && kind === CRD_KIND && isOurs;
}

/**
 * Whether what the event tells of may not be seen yet when it arrives, even after waiting: a pass looks once more later.
 * A CRD is served some time after it is stored.
 */
export function isEarly(change: Change): boolean {
  return change.visible !== undefined || isAboutKinds(change);
}
