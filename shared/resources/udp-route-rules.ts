import type * as z from "zod/mini";
import type { ParentRef } from "./references.ts";

/**
 * The CEL rules of Gateway API on parentRefs: several references to one parent must tell themselves apart. Bundle 1.0
 * (experimental) compares sectionName and port, bundle 1.6 sectionName alone; who satisfies either is right.
 */
export function checkParentRefs(payload: z.core.ParsePayload<ParentRef[]>): void {
  const parents = new Map<string, number[]>();
  payload.value.forEach((ref, index) => {
    const parent = JSON.stringify([ref.group, ref.kind, ref.namespace ?? "", ref.name]);
    const known = parents.get(parent);
    if (known) known.push(index);
    else parents.set(parent, [index]);
  });
  for (const indexes of parents.values()) {
    const refs = indexes.flatMap((index) => payload.value[index] ?? []);
    if (differ(refs, ({ sectionName }) => [sectionName]) || differ(refs, ({ sectionName, port }) => [sectionName, port])) continue;
    const path = [indexes.at(-1) ?? 0, "sectionName"];
    const message = "must be given, and differ, in each of several references to the same parent";
    payload.issues.push({ code: "custom", input: payload.value, path, message });
  }
}

/** Whether all have the same fields of those that are looked at, and no two the same values. */
function differ(refs: readonly ParentRef[], fields: (ref: ParentRef) => unknown[]): boolean {
  const values = new Set(refs.map((ref) => JSON.stringify(fields(ref))));
  const given = new Set(refs.map((ref) => JSON.stringify(fields(ref).map((field) => field !== undefined))));
  return values.size === refs.length && given.size <= 1;
}
