import { describe, expect, it } from "vitest";
import { grid, printable } from "../../functions/local/grid.ts";

describe("grid", () => {
  it("aligns columns and marks what is empty", () => {
    expect(grid(["A", "LONG", "LAST"], [["xyz", "", "1"], ["ü", "b"]])).toBe("A    LONG  LAST\nxyz  -     1\nü    b     -");
  });

  it("shows nothing that a terminal would obey", () => {
    expect(printable("a\u001B[31mred\nb\u009Bc\u202Ed")).toBe("a [31mred b c d");
    expect(grid(["A"], [["x\ty"]])).toBe("A\nx y");
  });
});
