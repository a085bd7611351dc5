import { FIELD_MANAGER } from "../../render/managed-fields.ts";
import { sameJson, type JsonObject } from "../json.ts";
import { appliedSet, difference, type FieldSet, isEmpty, present, under, union, without } from "./fields-v1.ts";
import { fieldsOf, isApplied, type ManagedEntry, managedEntries } from "./managers.ts";

/** Names under which the upstream operator has written: its writes are ours to carry on (issue 4, taking over). */
const UPSTREAM_MANAGERS: ReadonlySet<string> = new Set(["manager", "stunner-gateway-operator"]);
const METADATA = ["labels", "annotations", "ownerReferences"].map((field) => ["f:metadata", `f:${field}`]);
const WORKLOAD = [...METADATA, ...["selector", "replicas", "template"].map((field) => ["f:spec", `f:${field}`])];
/** What the upstream operator means to write (spec/resources.md 2.8, 3.4); the rest under its name are defaults, or an admission webhook's. */
const UPSTREAM_FIELDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Service: [
    ...METADATA,
    ...["type", "selector", "sessionAffinity", "externalTrafficPolicy", "ports", "loadBalancerIP"].map((field) => ["f:spec", `f:${field}`]),
  ],
  ConfigMap: [...METADATA, ["f:data"], ["f:binaryData"]],
  Deployment: WORKLOAD,
  DaemonSet: WORKLOAD,
};

export interface Ownership {
  /** Whether we have never applied the object, or somebody has wiped out that we did. */
  readonly isNew: boolean;
  /** Everything that our next apply gives back or goes on with. */
  readonly ours: FieldSet;
  /** New managedFields that make it so; absent where it is so already. */
  readonly managedFields?: readonly unknown[];
}

/**
 * What is ours, or becomes so, in an object: what we applied; what the upstream operator wrote before we came, as
 * client-go's upgrade of client-side applies does it; what we created and did not live to sign; and what stands in our
 * way. A server-side apply then removes what it does not mention. Entries of subresources are never touched.
 * @param intruding what must go, whoever has it
 */
export function ownership(object: { readonly kind: string; readonly metadata: object }, desired: JsonObject, intruding: FieldSet): Ownership {
  const entries = managedEntries(object);
  const applied = entries.filter(isApplied).map(fieldsOf).reduce(union, {});
  const isNew = !entries.some(isApplied);
  let ours = union(applied, intruding);
  const others = entries.filter((entry) => !isApplied(entry)).flatMap((entry): ManagedEntry[] => {
    if (entry.subresource) return [entry];
    const fields = fieldsOf(entry);
    const taken = takenFrom(entry, object.kind, desired, isNew);
    ours = union(ours, appliedSet(taken));
    const left = isInterrupted(entry, isNew) ? {} : difference(without(fields, intruding), taken);
    return isEmpty(left) ? [] : [sameJson(left, fields) ? entry : { ...entry, fieldsV1: left }];
  });
  const isAsItWas = others.length === entries.filter((entry) => !isApplied(entry)).length && others.every((entry) => entries.includes(entry));
  if (isAsItWas && isEmpty(difference(ours, applied))) return { isNew, ours };
  const { apiVersion } = object as { apiVersion?: string };
  return { isNew, ours, managedFields: [...others, { manager: FIELD_MANAGER, operation: "Apply", apiVersion, fieldsType: "FieldsV1", fieldsV1: ours }] };
}

/** What of another entry we carry on. */
function takenFrom(entry: ManagedEntry, kind: string, desired: JsonObject, isNew: boolean): FieldSet {
  const fields = fieldsOf(entry);
  if (isInterrupted(entry, isNew)) return present(fields, desired);
  if (entry.operation !== "Update" || !UPSTREAM_MANAGERS.has(entry.manager ?? "")) return {};
  const meant = (UPSTREAM_FIELDS[kind] ?? []).map((path) => under(fields, path)).reduce(union, {});
  // Other operators may bear the same name. Once we are there, only what we want as well can be upstream's.
  return isNew ? meant : present(meant, desired);
}

/** We created the object and were stopped before we could tell which of its fields we mean to own. */
function isInterrupted({ manager, operation }: ManagedEntry, isNew: boolean): boolean {
  return isNew && manager === FIELD_MANAGER && operation === "Update";
}
