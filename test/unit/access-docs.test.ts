import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/security.md"), "utf8").replaceAll(/\s*\n(?![|#\n])/g, " ");

interface Proof {
  readonly file: string;
  readonly test: string;
}

/** `[text](../test/file) "name", "name"`. */
const proofs = [...page.matchAll(/\]\(\.\.\/((?:test|terraform)\/[^)]+)\)((?:,? "[^"]+")+)/g)].flatMap(([, file = "", names = ""]): Proof[] =>
  [...names.matchAll(/"([^"]+)"/g)].map(([, test = ""]) => ({ file, test })),
);

/** Rows of the tables that make a claim, header and rule left out. */
const claims = page.split("\n").filter((line) => line.startsWith("| ")).filter((line) => !/^\| (Verb|Endpoint|Leaked|Delivery|What|`token)/.test(line));

describe("docs/security.md", () => {
  it("has proofs", () => expect(proofs.length).toBeGreaterThan(30));

  it.each(proofs)("$file has $test", ({ file, test }) => {
    expect(existsSync(join(root, file))).toBe(true);
    expect(readFileSync(join(root, file), "utf8")).toContain(`"${test}"`);
  });

  it("claims nothing in a table without a proof", () => {
    expect(claims.length).toBeGreaterThan(20);
    expect(claims.filter((line) => !/\]\(\.\.\/(?:test|terraform)\//.test(line) && !line.endsWith("| the same |"))).toEqual([]);
  });

  it("names every file that it links", () => {
    const linked = [...page.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file = ""]) => file);
    expect(linked.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});
