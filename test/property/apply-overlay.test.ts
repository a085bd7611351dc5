import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isObject, sameJson } from "../../shared/apply/json.ts";
import { overlay } from "../../shared/apply/overlay.ts";
import type { KubeObject } from "../../shared/resources/meta.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";

const name = fc.constantFrom("a", "b", "c");
const scalar = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom("x", "y"), fc.boolean());
const port = fc.record(
  { port: fc.integer({ min: 1, max: 3 }), protocol: fc.constantFrom("UDP", "TCP"), name, nodePort: fc.integer({ min: 1, max: 3 }) },
  { requiredKeys: ["port", "protocol"] },
);
const ports = fc.uniqueArray(port, { selector: (item) => `${item.port}${item.protocol}`, maxLength: 4 });
const container = fc.record({ name, image: scalar, env: fc.uniqueArray(fc.record({ name, value: scalar }), { selector: (item) => item.name }) });
const containers = fc.uniqueArray(container, { selector: (item) => item.name, maxLength: 3 });
const map = fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__", "constructor"), scalar);
const object: fc.Arbitrary<KubeObject> = fc
  .record(
    { labels: map, annotations: map, ports, containers, selector: map, args: fc.array(scalar), nested: fc.record({ deep: map, deeper: map }) },
    { requiredKeys: [] },
  )
  .map(({ labels, annotations, ...spec }) => ({
    apiVersion: "v1",
    kind: "Thing",
    metadata: { name: "n", ...(labels && { labels }), ...(annotations && { annotations }) } as KubeObject["metadata"],
    spec,
  }));

/** Whether everything in `part` is in `whole`; items of lists are looked for anywhere in the list. */
function within(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part)) return Array.isArray(whole) && part.every((item) => whole.some((other) => within(item, other)));
  if (isObject(part)) {
    return isObject(whole) && Object.entries(part).every(([key, value]) => Object.hasOwn(whole, key) && within(value, whole[key]));
  }
  return part === whole;
}

const three: [fc.Arbitrary<KubeObject>, fc.Arbitrary<KubeObject>, fc.Arbitrary<KubeObject>] = [object, object, object];

describe("overlay", { timeout: PROPERTY_TIMEOUT }, () => {
  it("holds everything that is desired", () => {
    holds(three, (live, last, desired) => {
      expect(within(desired, overlay(live, last, desired))).toBe(true);
    });
  });

  it("changes nothing the second time", () => {
    holds(three, (live, last, desired) => {
      const once = overlay(live, last, desired);
      expect(overlay(once, desired, desired)).toEqual(once);
    });
  });

  it("leaves nothing of ours behind where nobody else has anything", () => {
    holds([object, object], (ours, desired) => {
      expect(sameJson(overlay(ours, ours, desired), overlay(undefined, undefined, desired))).toBe(true);
    });
  });

  it("keeps labels and annotations that are neither desired nor ours", () => {
    holds(three, (live, last, desired) => {
      const merged = overlay(live, last, desired);
      for (const field of ["labels", "annotations"] as const) {
        const ours = { ...last.metadata[field], ...desired.metadata[field] };
        const foreign = Object.entries(live.metadata[field] ?? {}).filter(([key]) => !Object.hasOwn(ours, key));
        expect(within(Object.fromEntries(foreign), merged.metadata[field] ?? {})).toBe(true);
      }
    });
  });

  it("does not change its arguments", () => {
    holds(three, (live, last, desired) => {
      const before = JSON.stringify([live, last, desired]);
      overlay(live, last, desired);
      expect(JSON.stringify([live, last, desired])).toBe(before);
    });
  });
});
