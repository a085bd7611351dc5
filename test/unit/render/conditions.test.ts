import { describe, expect, it } from "vitest";
import { condition, mergeConditions } from "../../../shared/render/conditions.ts";
import type { Condition } from "../../../shared/resources/meta.ts";

const foreign = (type: string): Condition => ({
  type,
  status: "True",
  reason: "Theirs",
  message: "",
  lastTransitionTime: "2024-01-01T00:00:00Z",
});
const ours = (type: string): Condition => ({ type, status: "False", reason: "Ours", message: "" });
const types = (conditions: readonly Condition[]): string[] => conditions.map((one) => `${one.type}/${one.reason}`);
const foreigners = (count: number): Condition[] => Array.from({ length: count }, (_, index) => foreign(`F${index + 1}`));

describe("condition", () => {
  it("has the generation where there is one and no time", () => {
    expect(condition("Accepted", "True", "Accepted", "fine", 3)).toEqual({
      type: "Accepted",
      status: "True",
      reason: "Accepted",
      message: "fine",
      observedGeneration: 3,
    });
    expect(condition("Accepted", "True", "Accepted", "fine", undefined)).toEqual({
      type: "Accepted",
      status: "True",
      reason: "Accepted",
      message: "fine",
    });
    expect(condition("Accepted", "True", "Accepted", "fine", 0)).toHaveProperty("observedGeneration", 0);
  });

  // The CRDs' bound (spec/resources.md 7.5).
  it("cuts a message at 32,768 characters", () => {
    expect(condition("A", "True", "A", "x".repeat(32_768), 1).message).toBe("x".repeat(32_768));
    expect(condition("A", "True", "A", "x".repeat(32_769), 1).message).toBe(`${"x".repeat(32_767)}…`);
  });
});

// spec/rendering.md 2.8 (foreign condition types survive) and 5.8; the API allows 8 conditions.
describe("mergeConditions", () => {
  it("starts a list", () => {
    expect(types(mergeConditions(undefined, [ours("Accepted"), ours("Programmed")]))).toEqual(["Accepted/Ours", "Programmed/Ours"]);
    expect(types(mergeConditions([], [ours("Accepted")]))).toEqual(["Accepted/Ours"]);
  });

  it("puts ours where the type stood and leaves foreign ones byte for byte", () => {
    const live = [foreign("F1"), foreign("Programmed"), foreign("F2"), foreign("Accepted")];
    const merged = mergeConditions(live, [ours("Accepted"), ours("Programmed")]);
    expect(types(merged)).toEqual(["F1/Theirs", "Programmed/Ours", "F2/Theirs", "Accepted/Ours"]);
    expect(merged[0]).toEqual(foreign("F1"));
  });

  it("appends ours where the type is new", () => {
    expect(types(mergeConditions([foreign("F1"), foreign("Accepted")], [ours("Accepted"), ours("Programmed")]))).toEqual([
      "F1/Theirs",
      "Accepted/Ours",
      "Programmed/Ours",
    ]);
  });

  it("drops a repetition of a type of ours", () => {
    const merged = mergeConditions([foreign("Accepted"), foreign("F1"), foreign("Accepted")], [ours("Accepted"), ours("Programmed")]);
    expect(types(merged)).toEqual(["Accepted/Ours", "F1/Theirs", "Programmed/Ours"]);
  });

  it("keeps a list of eight", () => {
    expect(types(mergeConditions(foreigners(6), [ours("Accepted"), ours("Programmed")]))).toHaveLength(8);
  });

  it("loses the oldest foreign ones of a longer list, never ours", () => {
    const merged = mergeConditions([foreign("Accepted"), ...foreigners(8)], [ours("Accepted"), ours("Programmed")]);
    expect(types(merged)).toEqual([
      "Accepted/Ours",
      "F3/Theirs",
      "F4/Theirs",
      "F5/Theirs",
      "F6/Theirs",
      "F7/Theirs",
      "F8/Theirs",
      "Programmed/Ours",
    ]);
  });
});
