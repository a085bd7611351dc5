import { assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { sameQuantity } from "../../shared/apply/live/quantity.ts";
import { isDropped, own, sameValue } from "../../shared/apply/live/same-value.ts";

describe("quantities", () => {
  test.each([
    ["0.5", "500m"], [2, "2"], ["2000m", "2"], ["1024Mi", "1Gi"], ["0.25Gi", "256Mi"], ["1e3", "1k"], ["1E3", "1k"], ["1e9", "1G"], ["1.5Gi", "1536Mi"],
    [".5", "500m"], ["5.", "5"], ["+1", "1"], ["-0.5", "-500m"], ["100n", "0.0000001"], ["1u", "1000n"], ["1E", "1e18"], ["1P", "1000T"], ["1Ei", "1024Pi"],
    ["0.0000000001", "1n"], ["1.4n", "2n"], ["0", "0"], [0, "0m"], ["0.1", "100m"], ["0.7", "700m"], ["1.1", "1100m"], ["123456789.123", "123456789123m"],
  ])("%s is %s", (a, b) => {
    expect(sameQuantity(a, b)).toBe(true);
    expect(sameQuantity(b, a)).toBe(true);
  });

  test.each([
    ["1", "1m"], ["1Gi", "1G"], ["1k", "1Ki"], ["500m", "501m"], ["1n", "2n"], ["-1", "1"], ["", "0"], ["1x", "1"], ["1 Gi", "1Gi"], ["Gi", "1Gi"], ["1e", "1"], ["constructor", "0"],
    ["1constructor", "1"], ["1.2.3", "1.2"],
  ])("%s is not %s", (a, b) => expect(sameQuantity(a, b)).toBe(false));

  test("of any size and unit are what they are in milli and in nano", () => {
    assert(
      property(integer({ min: 0, max: 9_000_000 }), constantFrom("k", "Mi", "", "m", "u", "n", "G"), (amount, unit) => {
        const factor = { k: 1e12, Mi: 2 ** 20 * 1e9, "": 1e9, m: 1e6, u: 1e3, n: 1, G: 1e18 }[unit] ?? 0;
        const nanos = BigInt(amount) * BigInt(factor);
        expect(sameQuantity(`${amount}${unit}`, `${nanos}n`)).toBe(true);
        expect(sameQuantity(`${amount}${unit}`, `${(nanos + 1n + nanos / 100n).toString()}n`)).toBe(false);
      }),
    );
  });

  test("that are no quantities are the same letter by letter", () => expect(sameQuantity("abc", "abc")).toBe(true));
});

describe("values", () => {
  test.each<[string, string, unknown, unknown]>([
    ["image", "", "a", "a"],
    ["value", "env", "", undefined],
    ["hostNetwork", "spec", false, undefined],
    ["initialDelaySeconds", "livenessProbe", 0, undefined],
    ["args", "", [], undefined],
    ["args", "", [], null],
    ["annotations", "metadata", {}, undefined],
    ["limits", "resources", {}, undefined],
    ["cpu", "limits", 2, "2"],
    ["memory", "requests", "1024Mi", "1Gi"],
    ["sizeLimit", "emptyDir", "1024Mi", "1Gi"],
    ["fieldRef", "valueFrom", { fieldPath: "x" }, { fieldPath: "x", apiVersion: "v1" }],
    ["resourceFieldRef", "valueFrom", { resource: "limits.cpu" }, { resource: "limits.cpu", divisor: "0" }],
    ["resourceFieldRef", "valueFrom", { resource: "x", divisor: "1024Mi", containerName: "" }, { resource: "x", divisor: "1Gi" }],
    ["tolerations", "spec", [{ key: "x", value: "" }], [{ key: "x" }]],
    ["selector", "spec", { b: "1", a: "2" }, { a: "2", b: "1" }],
    ["x", "y", undefined, undefined],
  ])("%s in %s: %j is live as %j", (field, parent, wanted, live) => expect(sameValue(field, parent, wanted, live)).toBe(true));

  test.each<[string, string, unknown, unknown]>([
    ["image", "", "a", "b"],
    ["image", "", "1", "1000m"],
    ["x", "annotations", "", undefined],
    ["x", "labels", "", undefined],
    ["runAsNonRoot", "securityContext", false, undefined],
    ["allowPrivilegeEscalation", "securityContext", false, undefined],
    ["runAsUser", "securityContext", 0, undefined],
    ["replicas", "spec", 0, undefined],
    ["securityContext", "", {}, undefined],
    ["emptyDir", "", {}, undefined],
    ["args", "", ["a"], undefined],
    ["args", "", ["a", "b"], ["b", "a"]],
    ["args", "", ["a"], ["a", "b"]],
    ["args", "", [], ["a"]],
    ["tolerations", "spec", [{ key: "x" }], [{ key: "x", tolerationSeconds: 0 }]],
    ["selector", "spec", { a: "1" }, { a: "1", b: "2" }],
    ["fieldRef", "valueFrom", { fieldPath: "x" }, { fieldPath: "x", apiVersion: "v2" }],
    ["cpu", "limits", "2", "3"],
    ["cpu", "limits", "2", { a: 1 }],
    ["constructor", "annotations", "x", undefined],
    ["port", "", 1, "1"],
  ])("%s in %s: %j is not live as %j", (field, parent, wanted, live) => expect(sameValue(field, parent, wanted, live)).toBe(false));

  test("keys that every object has are keys like others", () => {
    expect(sameValue("selector", "spec", { constructor: "x" }, {})).toBe(false);
    expect(sameValue("selector", "spec", {}, { constructor: "x" })).toBe(false);
    expect(own({}, "constructor")).toBeUndefined();
    expect(sameValue("constructor", "", { a: 1 }, { a: 1, b: 2 })).toBe(false);
  });

  test("what an API server drops", () => {
    expect(isDropped("x", "", undefined)).toBe(true);
    expect(isDropped("x", "", null)).toBe(true);
    expect(isDropped("nodePort", "ports", 0)).toBe(true);
    expect(isDropped("labels", "metadata", { a: "" })).toBe(false);
    expect(isDropped("x", "", "y")).toBe(false);
  });
});
