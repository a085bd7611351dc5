import { describe, expect, it } from "vitest";
import { matchesSelector } from "../../../shared/render/selector.ts";

const LABELS = { env: "prod", tier: "edge", empty: "" };
const expression = (key: string, operator: string, values?: string[]) => ({
  matchExpressions: [{ key, operator, ...(values ? { values } : {}) }],
});

// spec/rendering.md 5.4: a malformed selector rejects.
describe("matchesSelector", () => {
  it("rejects without a selector and matches everything with an empty one", () => {
    expect(matchesSelector(undefined, LABELS)).toBe(false);
    expect(matchesSelector({}, LABELS)).toBe(true);
    expect(matchesSelector({}, {})).toBe(true);
  });

  it.each([
    [{ env: "prod" }, true],
    [{ env: "prod", tier: "edge" }, true],
    [{ env: "prod", tier: "core" }, false],
    [{ env: "Prod" }, false],
    [{ missing: "x" }, false],
    [{ empty: "" }, true],
    [{ missing: "" }, false],
  ])("matchLabels %j: %s", (matchLabels, wanted) => {
    expect(matchesSelector({ matchLabels: matchLabels as Record<string, string> }, LABELS)).toBe(wanted);
  });

  it.each([
    ["env In [dev, prod]", expression("env", "In", ["dev", "prod"]), true],
    ["env In [dev]", expression("env", "In", ["dev"]), false],
    ["missing In [x]", expression("missing", "In", ["x"]), false],
    ["env NotIn [dev]", expression("env", "NotIn", ["dev"]), true],
    ["env NotIn [dev, prod]", expression("env", "NotIn", ["dev", "prod"]), false],
    ["missing NotIn [x]", expression("missing", "NotIn", ["x"]), true],
    ["env Exists", expression("env", "Exists"), true],
    ["empty Exists", expression("empty", "Exists"), true],
    ["missing Exists", expression("missing", "Exists"), false],
    ["missing DoesNotExist", expression("missing", "DoesNotExist"), true],
    ["env DoesNotExist", expression("env", "DoesNotExist"), false],
    ["env In without values", expression("env", "In"), false],
    ["env In []", expression("env", "In", []), false],
    ["missing NotIn without values", expression("missing", "NotIn"), false],
    ["env Exists with values", expression("env", "Exists", ["prod"]), false],
    ["missing DoesNotExist with values", expression("missing", "DoesNotExist", ["prod"]), false],
    ["an unknown operator", expression("env", "Gt", ["1"]), false],
    ["an operator in lower case", expression("env", "in", ["prod"]), false],
    ["a key of every JavaScript object", expression("toString", "Exists"), false],
    ["the absence of such a key", expression("toString", "DoesNotExist"), true],
  ])("%s: %s", (_, selector, wanted) => {
    expect(matchesSelector(selector, LABELS)).toBe(wanted);
  });

  it("wants every part to hold", () => {
    const good = { key: "env", operator: "Exists" };
    const bad = { key: "missing", operator: "Exists" };
    expect(matchesSelector({ matchLabels: { tier: "edge" }, matchExpressions: [good, bad] }, LABELS)).toBe(false);
    expect(matchesSelector({ matchLabels: { tier: "core" }, matchExpressions: [good] }, LABELS)).toBe(false);
    expect(matchesSelector({ matchLabels: { tier: "edge" }, matchExpressions: [good, good] }, LABELS)).toBe(true);
  });
});
