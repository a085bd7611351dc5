import { FIELD_MANAGER } from "../../shared/render/managed-fields.ts";
import { groupOf } from "../../shared/resources/kinds.ts";
import { OfflineCluster, refOf, type ObjectRef } from "../golden/cluster.ts";
import { childOf, isObject, listOf, textOf, type JsonObject } from "../support/json.ts";

export type Refused = "NotFound" | "Conflict" | "AlreadyExists" | "Invalid";
/** An API server tells its webhooks of a write. @param before what was there */
export type Told = (object: JsonObject, before: JsonObject | undefined, subResource?: "status") => void;

export interface Page {
  readonly selector: string;
  readonly limit: number;
  readonly from: number;
}

const idOf = ({ apiVersion, kind, namespace, name }: ObjectRef): string => `${apiVersion}|${kind}|${namespace}|${name}`;

/**
 * One simulated cluster: the golden suite's API server in memory, with what a control plane meets beside it: versions that must
 * fit, creations that sign nothing, lists. That it is asked what a real one is asked is shown by test/cluster/fleet.cluster.ts.
 */
export class Fleet {
  readonly #cluster = new OfflineCluster();
  /** Created and not signed yet: their fields are managed by an Update. */
  readonly #unsigned = new Set<string>();
  readonly #tell: Told;
  #lists = new Map<string, string>();
  #groups: Map<string, JsonObject[]> | undefined;
  #version = 1;

  /** @param tell told of every write but those of statuses of Gateway API, as infra/webhook's rules say */
  constructor(tell: Told) {
    this.#tell = tell;
  }

  get(ref: ObjectRef): JsonObject | undefined {
    const live = this.#cluster.get(ref);
    return live && this.#shown(ref, live);
  }

  /** Text of a page of a list. @param from how many items came before it */
  list({ apiVersion, kind, namespace }: ObjectRef, { selector, limit, from }: Page): string {
    const id = `${apiVersion}|${kind}|${namespace}|${selector}|${limit}|${from}`;
    const known = this.#lists.get(id);
    if (known !== undefined) return known;
    this.#groups ??= Map.groupBy(this.#cluster.objects(), (one) => `${textOf(one, "apiVersion")}|${textOf(one, "kind")}`);
    const all = (this.#groups.get(`${apiVersion}|${kind}`) ?? [])
      .filter((one) => namespace === "" || textOf(childOf(one, "metadata"), "namespace") === namespace)
      .filter((one) => isSelected(childOf(childOf(one, "metadata"), "labels"), selector));
    const to = from + limit;
    const metadata = { resourceVersion: String(this.#version), ...(to < all.length ? { continue: String(to) } : {}) };
    const items = all.slice(from, to).map((one) => this.#shown(refOf(one), one));
    const text = JSON.stringify({ apiVersion, kind: `${kind}List`, metadata, items });
    this.#lists.set(id, text);
    return text;
  }

  /** What was there before there was a webhook. */
  seed(object: JsonObject): void {
    this.#write(() => this.#cluster.apply("user", object));
  }

  /** What users and other controllers do. */
  put(object: JsonObject): void {
    const before = structuredClone(this.get(refOf(object)));
    this.#write(() => this.#cluster.apply("user", object));
    this.#tell(this.get(refOf(object)) ?? object, before);
  }

  /** As a controller of the cloud writes it, such as the address of a Service. */
  setStatus(ref: ObjectRef, status: JsonObject): void {
    const before = structuredClone(this.get(ref));
    this.#write(() => this.#cluster.putStatus("cloud", ref, status));
    if (ref.kind === "Service" && before) this.#tell(this.get(ref) ?? before, before, "status");
  }

  create(object: JsonObject): JsonObject | Refused {
    const ref = refOf(object);
    if (this.#cluster.get(ref)) return "AlreadyExists";
    if (this.#write(() => this.#cluster.apply(FIELD_MANAGER, object))) return "Invalid";
    this.#unsigned.add(idOf(ref));
    return this.#answer(ref, undefined);
  }

  apply(object: JsonObject): JsonObject | Refused {
    const ref = refOf(object);
    const before = structuredClone(this.get(ref));
    if (!before) return "NotFound";
    const { resourceVersion = "", uid: _uid, ...metadata } = childOf(object, "metadata");
    if (resourceVersion !== childOf(before, "metadata")["resourceVersion"]) return "Conflict";
    if (this.#write(() => this.#cluster.apply(FIELD_MANAGER, { ...object, metadata }))) return "Invalid";
    return this.#answer(ref, before);
  }

  sign(ref: ObjectRef, version: string): JsonObject | Refused {
    const before = structuredClone(this.get(ref));
    if (!before) return "NotFound";
    if (version !== childOf(before, "metadata")["resourceVersion"]) return "Conflict";
    this.#write(() => void this.#unsigned.delete(idOf(ref)));
    return this.#answer(ref, before);
  }

  putStatus(ref: ObjectRef, object: JsonObject): JsonObject | Refused {
    const before = this.#cluster.get(ref);
    if (!before) return "NotFound";
    if (childOf(object, "metadata")["resourceVersion"] !== childOf(before, "metadata")["resourceVersion"]) return "Conflict";
    const refused = this.#write(() => this.#cluster.putStatus("stunner-serverless-status", ref, childOf(object, "status")));
    return refused ? "Invalid" : this.get(ref) ?? "NotFound";
  }

  remove(ref: ObjectRef): boolean {
    const before = this.get(ref);
    if (!before) return false;
    this.#write(() => void this.#cluster.remove(ref));
    return true;
  }

  #write<T>(write: () => T): T {
    this.#lists = new Map();
    this.#groups = undefined;
    this.#version += 1;
    return write();
  }

  #answer(ref: ObjectRef, before: JsonObject | undefined): JsonObject | Refused {
    const after = this.get(ref);
    // Of the objects that we write the webhook is told of Services alone.
    if (after && ref.kind === "Service" && groupOf(ref.apiVersion) === "") this.#tell(after, before);
    return after ?? "NotFound";
  }

  #shown(ref: ObjectRef, live: JsonObject): JsonObject {
    if (!this.#unsigned.has(idOf(ref))) return live;
    const metadata = childOf(live, "metadata");
    const managedFields = listOf(metadata, "managedFields").map((one) => (isObject(one) && one["manager"] === FIELD_MANAGER ? { ...one, operation: "Update" } : one));
    return { ...live, metadata: { ...metadata, managedFields } };
  }
}

/** `key=value` and `key in (a,b)`, joined by commas, are what we ask for. */
function isSelected(labels: JsonObject, selector: string): boolean {
  const several = /^([^=\s]+) in \(([^)]*)\)$/.exec(selector);
  if (several) return (several[2] ?? "").split(",").includes(String(labels[several[1] ?? ""] ?? ""));
  return selector.split(",").filter(Boolean).every((term) => {
    const [key = "", value = ""] = term.split("=");
    return labels[key] === value;
  });
}
