import { describe, expect, it } from "vitest";
import { textFrame } from "../../shared/cds/frame.ts";

// The examples of RFC 6455, 5.7, and the borders of the three length forms of 5.2.
describe("text frames", () => {
  it("Hello", () => {
    expect(textFrame(Buffer.from("Hello")).toString("hex")).toBe("810548656c6c6f");
  });

  it.each([
    [0, "8100"],
    [125, "817d"],
    [126, "817e007e"],
    [256, "817e0100"],
    [65_535, "817effff"],
    [65_536, "817f0000000000010000"],
    [2_400_000, "817f0000000000249f00"],
  ])("%i bytes", (length, header) => {
    const frame = textFrame(Buffer.alloc(length, "x"));
    const size = header.length / 2;
    expect(frame.subarray(0, size).toString("hex")).toBe(header);
    expect(frame.subarray(size).equals(Buffer.alloc(length, "x"))).toBe(true);
  });
});
