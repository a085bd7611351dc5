import { childOf, isObject, listOf, sameJson, textOf, type Json, type JsonObject } from "../support/json.ts";
import {
  defaultStatus,
  dropUnusable,
  encodeSecret,
  initialStatus,
  keepNodePorts,
  refusalOf,
  refusalOfStatus,
  setDefaults,
  type Refusal,
} from "./api-server.ts";
import { managedFields } from "./managed-fields.ts";
import { afterForce, merged, repeatedItem } from "./server-side-apply.ts";

/** What identifies an object; `namespace` is empty where the kind has none. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

interface Stored {
  live: JsonObject;
  /** What each field manager applied and still owns. */
  readonly managers: Map<string, JsonObject>;
  /** Who wrote the status last, and what. */
  statusBy?: { manager: string; status: JsonObject };
}

const FIRST_NODE_PORT = 32_000;
const EPOCH = Date.UTC(2026, 0, 1);

export function refOf(object: JsonObject): ObjectRef {
  const metadata = childOf(object, "metadata");
  return {
    apiVersion: textOf(object, "apiVersion"),
    kind: textOf(object, "kind"),
    namespace: textOf(metadata, "namespace"),
    name: textOf(metadata, "name"),
  };
}

const idOf = (ref: ObjectRef): string => `${ref.apiVersion}|${ref.kind}|${ref.namespace}|${ref.name}`;

/** An API server without controllers, in memory: server-side apply with several managers, status, deletion. */
export class OfflineCluster {
  readonly #objects = new Map<string, Stored>();
  #version = 0;
  #nodePort = FIRST_NODE_PORT;

  /** Server-side apply with force; a refused write changes nothing. */
  apply(manager: string, request: JsonObject): Refusal | undefined {
    const object = copyOf(request);
    delete object["status"];
    encodeSecret(object);
    const repeated = repeatedItem(object);
    if (repeated !== undefined) return { field: repeated, why: "duplicate entries for a key" };
    const id = idOf(refOf(object));
    const stored = this.#objects.get(id);
    const others = [...(stored?.managers ?? [])].filter(([name]) => name !== manager).map(([, fields]) => fields);
    const next = merged(stored?.live ?? {}, stored?.managers.get(manager) ?? {}, object, others);
    dropUnusable(next, object);
    keepNodePorts(stored?.live, next);
    const nodePort = this.#nodePort;
    setDefaults(next, () => this.#nodePort++);
    const refusal = refusalOf(stored?.live, next);
    if (refusal) {
      this.#nodePort = nodePort;
      return refusal;
    }
    const managers = new Map([...(stored?.managers ?? [])].map(([name, fields]) => [name, afterForce(fields, object)]));
    managers.set(manager, object);
    this.#store(id, stored, next, managers);
    return undefined;
  }

  /** Removes the Service ports that are not in `keep`, whoever put them there: an adopted Service serves the Gateway only. */
  takePorts(ref: ObjectRef, keep: readonly Json[]): void {
    const stored = this.#objects.get(idOf(ref));
    if (!stored) return;
    const wanted = new Set(keep.filter(isObject).map(portKey));
    for (const object of [stored.live, ...stored.managers.values()]) {
      const spec = childOf(object, "spec");
      if (spec["ports"]) spec["ports"] = listOf(spec, "ports").filter((port) => isObject(port) && wanted.has(portKey(port)));
    }
  }

  /** Replaces the status; nothing happens where there is no such object. */
  putStatus(manager: string, ref: ObjectRef, status: JsonObject): Refusal | undefined {
    const stored = this.#objects.get(idOf(ref));
    if (!stored) return undefined;
    const complete = defaultStatus(status);
    const refusal = refusalOfStatus(complete);
    if (refusal) return refusal;
    if (sameJson(stored.live["status"], complete)) return undefined;
    stored.live["status"] = complete;
    stored.statusBy = { manager, status: complete };
    this.#touch(stored);
    return undefined;
  }

  remove(ref: ObjectRef): void {
    this.#objects.delete(idOf(ref));
  }

  get(ref: ObjectRef): JsonObject | undefined {
    return this.#objects.get(idOf(ref))?.live;
  }

  objects(): JsonObject[] {
    return [...this.#objects.values()].map((stored) => copyOf(stored.live));
  }

  #store(id: string, stored: Stored | undefined, next: JsonObject, managers: Map<string, JsonObject>): void {
    const metadata = childOf(next, "metadata");
    const before = childOf(stored?.live, "metadata");
    const born = new Date(EPOCH + this.#version * 1000).toISOString().replace(".000", "");
    const generation = Number(before["generation"] ?? 0);
    next["metadata"] = {
      ...metadata,
      uid: before["uid"] ?? metadata["uid"] ?? `00000000-0000-4000-8000-${String(this.#version + 1).padStart(12, "0")}`,
      creationTimestamp: before["creationTimestamp"] ?? born,
      generation: stored && sameJson(specOf(stored.live), specOf(next)) ? generation : generation + 1,
      resourceVersion: before["resourceVersion"] ?? "0",
    };
    const status = stored?.live["status"] ?? initialStatus(next);
    if (status !== undefined) next["status"] = status;
    const renewed: Stored = { ...stored, live: next, managers };
    if (stored && sameJson(withoutFields(stored.live), withoutFields(next))) next["metadata"] = stored.live["metadata"] ?? {};
    else this.#touch(renewed);
    this.#objects.set(id, renewed);
  }

  #touch(stored: Stored): void {
    const metadata = childOf(stored.live, "metadata");
    metadata["resourceVersion"] = String(++this.#version);
    metadata["managedFields"] = managedFields(textOf(stored.live, "apiVersion"), stored.managers, stored.statusBy);
  }
}

const portKey = (port: JsonObject): string => `${String(port["port"])}/${String(port["protocol"] ?? "TCP")}`;

/** What structuredClone would give; that takes several times as long, a third of the time of the property tests. */
function copyOf<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  return isObject(value) ? (Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copyOf(one)])) as T) : value;
}

/** Everything whose change makes a new generation. */
function specOf(object: JsonObject): JsonObject {
  const { metadata: _metadata, status: _status, ...rest } = object;
  return rest;
}

function withoutFields(object: JsonObject): JsonObject {
  const { managedFields: _fields, ...metadata } = childOf(object, "metadata");
  return { ...object, metadata };
}
