import { describe, expect, it } from "vitest";
import { nameOf, sortProblems } from "../../../shared/render/problems.ts";
import type { Problem } from "../../../shared/render/result.ts";

const problem = (object: string, field: string, reason: string, message: string, severity: Problem["severity"] = "error"): Problem => ({
  severity,
  object,
  field,
  reason,
  message,
});

describe("nameOf", () => {
  it("is kind, namespace and name", () => {
    expect(nameOf({ kind: "Gateway", metadata: { name: "gw", namespace: "media" } })).toBe("Gateway media/gw");
    expect(nameOf({ kind: "GatewayClass", metadata: { name: "turn" } })).toBe("GatewayClass turn");
  });
});

describe("sortProblems", () => {
  const sorted = [
    problem("A", "a", "R", "m"),
    problem("A", "b", "Q", "m"),
    problem("A", "b", "R", "l"),
    problem("A", "b", "R", "m"),
    problem("A", "b", "R", "m", "warning"),
    problem("AB", "a", "R", "m"),
    problem("B", "a", "R", "m"),
  ];

  it.each([
    ["as they are", sorted],
    ["backwards", [...sorted].reverse()],
    ["with repetitions", [...sorted, ...sorted]],
  ])("orders them by object, field, reason and message, each once: %s", (_, given) => {
    expect(sortProblems(given)).toEqual(sorted);
  });
});
