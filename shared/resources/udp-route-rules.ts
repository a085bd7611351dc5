import type * as z from "zod/mini";
import type { ParentRef } from "./references.ts";

/**
 * The CEL rules of Gateway API on parentRefs: several references to one parent must all have a sectionName or a port
 * (the looser reading of the two channels), and no two the same.
 */
export function checkParentRefs(payload: z.core.ParsePayload<ParentRef[]>): void {
  const parents = new Map<string, { whole: boolean; sections: Set<string> }>();
  payload.value.forEach((ref, index) => {
    const parent = JSON.stringify([ref.group, ref.kind, ref.namespace ?? "", ref.name]);
    const section = JSON.stringify([ref.sectionName ?? "", ref.port ?? 0]);
    const whole = !ref.sectionName && !ref.port;
    const known = parents.get(parent);
    if (known && (known.sections.has(section) || known.whole !== whole)) {
      const message = "must be given, and differ, in every one of several references to the same parent";
      payload.issues.push({ code: "custom", input: payload.value, path: [index, "sectionName"], message });
    }
    const entry = known ?? { whole, sections: new Set() };
    entry.sections.add(section);
    parents.set(parent, entry);
  });
}
