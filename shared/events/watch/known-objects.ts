import { isObject } from "../../apply/json.ts";
import { GATEWAY_GROUP, STUNNER_GROUP } from "../../resources/constants.ts";
import type { Change, Operation } from "../change.ts";
import { factsOf, type ObjectFacts, toldBy, versionOf } from "../object-facts.ts";
import type { Target } from "./targets.ts";

/** What a watch has told so far of the objects of one target: tells what a piece of news changes. */
export interface KnownObjects {
  /** A complete list. Returns what differs from what was known. */
  replace(objects: readonly unknown[]): Change[];
  /** One event. Returns the change, if it is one. */
  apply(type: "ADDED" | "MODIFIED" | "DELETED", object: unknown): Change[];
}

interface Known {
  readonly facts: ObjectFacts;
  /** Everything but the status, of kinds that count it: `generation` stands for the spec. */
  readonly digest: string | undefined;
}

export function createKnownObjects(target: Target): KnownObjects {
  let known = new Map<string, Known>();

  function put(into: Map<string, Known>, object: unknown): Change[] {
    const facts = factsOf(object);
    if (facts?.name === undefined) return [];
    const key = `${facts.namespace ?? ""}/${facts.name}`;
    const after = { facts, digest: digestOf(target, object) };
    const before = known.get(key);
    into.set(key, after);
    if (before?.facts.uid !== facts.uid) return [...(before ? [toChange(target, "delete", before)] : []), toChange(target, "create", after)];
    return before?.facts.resourceVersion === facts.resourceVersion ? [] : [toChange(target, "update", after, before)];
  }

  return {
    replace(objects) {
      const now = new Map<string, Known>();
      const changes = objects.flatMap((object) => put(now, object));
      const gone = [...known].filter(([key]) => !now.has(key)).map(([, one]) => toChange(target, "delete", one));
      known = now;
      return [...changes, ...gone];
    },
    apply(type, object) {
      if (type !== "DELETED") return put(known, object);
      const facts = factsOf(object);
      if (facts?.name === undefined) return [];
      known.delete(`${facts.namespace ?? ""}/${facts.name}`);
      return [toChange(target, "delete", { facts, digest: undefined })];
    },
  };
}

function toChange({ kind, apiVersion, whole }: Target, operation: Operation, after: Known, before?: Known): Change {
  const { namespace, name = "" } = after.facts;
  const isStatus = before?.digest !== undefined && before.digest === after.digest;
  return {
    group: kind.group,
    kind: kind.kind,
    apiVersion,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    operation,
    ...(isStatus ? { subresource: "status" } : {}),
    ...versionOf(after.facts),
    ...toldBy(kind, [...(before ? [before.facts] : []), after.facts], whole),
  };
}

const COUNTED: ReadonlySet<string> = new Set([GATEWAY_GROUP, STUNNER_GROUP, "apps"]);

/** Undefined where a new version of the object may be anything. */
function digestOf({ kind }: Target, object: unknown): string | undefined {
  if (!COUNTED.has(kind.group) || !isObject(object) || !isObject(object["metadata"])) return undefined;
  const { resourceVersion: _resourceVersion, managedFields: _managedFields, ...metadata } = object["metadata"];
  return metadata["generation"] === undefined ? undefined : JSON.stringify(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
}
