import { describe, expect, it } from "vitest";
import { leafDifferences } from "../../functions/local/leaf-differences.ts";
import { fieldLine } from "../../functions/local/pass-text.ts";
import { isSecret } from "../../functions/local/secrecy.ts";

describe("differences", () => {
  it("go down to values, with items of lists by their names", () => {
    const live = { a: 1, list: [{ name: "x", v: 1 }, { name: "y" }], texts: ["a"], "b.c/d": "1", only: "live" };
    const wanted = { a: 1, list: [{ name: "y" }, { name: "x", v: 2 }], texts: ["a", "b"], "b.c/d": "2", new: { deep: true } };
    const shared = [
      { field: "list[x].v", live: 1, wanted: 2 },
      { field: "texts", live: ["a"], wanted: ["a", "b"] },
      { field: "[b.c/d]", live: "1", wanted: "2" },
      { field: "new.deep", live: undefined, wanted: true },
    ];
    expect(leafDifferences(live, wanted)).toEqual(shared);
    expect(leafDifferences(live, wanted, { isWhole: true })).toEqual([...shared, { field: "only", live: "live", wanted: undefined }]);
  });

  it("of conditions leave out when they began", () => {
    const condition = { type: "Accepted", status: "True", lastTransitionTime: "1" };
    const live = { conditions: [condition] };
    expect(leafDifferences(live, { conditions: [{ ...condition, status: "False", lastTransitionTime: "2" }] }, { at: "status" })).toEqual([
      { field: "status.conditions[Accepted].status", live: "True", wanted: "False" },
    ]);
  });
});

describe("what is kept from being shown", () => {
  it.each(["auth.credentials.password", "auth.realm", "listeners[a/b/c].key", "listeners[a/b/c].cert", "data[stunnerd.conf]", "data", "spec.template.spec.containers[x].env[DB_PASSWORD].value"])(
    "%s",
    (field) => {
      expect(isSecret(field)).toBe(true);
      expect(fieldLine({ field, live: "s3cret", wanted: "s3cret-2", manager: "kubectl" })).toBe(`${field}: (changed, not shown) (by kubectl)`);
    },
  );

  it.each(["spec.type", "listeners[media/key/cert].port", "spec.template.spec.containers[x].env[STUNNER_NAME].value", "metadata.labels.keys"])("but not %s", (field) => {
    expect(fieldLine({ field, live: undefined, wanted: 1 })).toBe(`${field}: absent → 1`);
  });
});
