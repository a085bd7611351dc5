import { describe, expect, it } from "vitest";
import { messageOf, textOf, warningsOf } from "../../shared/admission/words.ts";

const problem = { severity: "error", object: "Gateway media/gw", field: "spec.listeners[0].port", reason: "X", message: "is taken; accepted: another" } as const;

describe("warnings", () => {
  it("name the field, and the object where it is another", () => {
    expect(textOf(problem, "Gateway media/gw")).toBe("spec.listeners[0].port: is taken; accepted: another");
    expect(textOf(problem, "UDPRoute media/r")).toBe("Gateway media/gw: spec.listeners[0].port: is taken; accepted: another");
  });

  it("are broken between words at 120 bytes, and nothing is lost", () => {
    const text = Array.from({ length: 40 }, (_, index) => `wörd-${index}`).join(" ");
    const lines = warningsOf([text]);
    expect(lines.every((line) => Buffer.byteLength(line) <= 120)).toBe(true);
    expect(lines).toHaveLength(3);
    expect(lines.join("\n").replaceAll("\n... ", " ")).toBe(text);
    const unbroken = warningsOf(["é".repeat(150)]);
    expect(unbroken.every((line) => Buffer.byteLength(line) <= 120)).toBe(true);
    expect(unbroken.join("").replaceAll("... ", "")).toBe("é".repeat(150));
  });

  it("are at most sixteen, the last of which counts the others", () => {
    expect(warningsOf(Array.from({ length: 16 }, (_, index) => `${index}`))).toHaveLength(16);
    const lines = warningsOf(Array.from({ length: 30 }, (_, index) => `${index}`));
    expect([lines.length, lines.at(-2), lines.at(-1)]).toEqual([16, "14", "... and 15 more"]);
    const long = warningsOf(Array.from({ length: 30 }, (_, index) => `${index} ${"x".repeat(200)}`));
    expect(long.length).toBeLessThanOrEqual(16);
    expect(long.at(-1)).toMatch(/^\.\.\. and \d+ more$/);
  });

  it("have no control characters, no halves of characters, and an end", () => {
    const message = `a\nb\u0000c\u009bd \ud83d ${"😀".repeat(400)}`;
    const text = textOf({ ...problem, field: "", message }, problem.object);
    expect(text).toMatch(/^a b c d � /);
    expect(text.length).toBeLessThanOrEqual(340);
    expect(text.isWellFormed()).toBe(true);
    expect(warningsOf([text]).every((line) => Buffer.byteLength(line) <= 120)).toBe(true);
    expect(messageOf(Array.from({ length: 100 }, () => text)).length).toBeLessThanOrEqual(2000);
  });
});
