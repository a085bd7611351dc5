import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const PAGES = ["README.md", ...readdirSync("docs").filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];

/** Anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const headings = [...readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) => text);
  return new Set(headings.map((text) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-")));
}

const links = PAGES.flatMap((page) =>
  [...readFileSync(page, "utf8").matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => ({ page, target })),
);

describe("links between pages", () => {
  it("are there to be checked", () => expect(links.length).toBeGreaterThan(100));

  it.each(links)("$page: $target leads somewhere", ({ page, target }) => {
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : join(dirname(page), path);
    expect(existsSync(file)).toBe(true);
    const isThere = anchor === undefined || !file.endsWith(".md") || anchorsOf(file).has(anchor);
    expect(isThere).toBe(true);
  });
});

/** Pages that name their tests as `[text](../test/file) "name"`, or by name alone after that. */
describe.each(["docs/disaster-recovery.md", "docs/key-rotation.md", "docs/scale.md"])("%s", (page) => {
  const text = readFileSync(page, "utf8").replaceAll(/\s*\n(?![|#\n])/g, " ");
  const files = [...text.matchAll(/\]\(\.\.\/(test\/[^)]+)\)/g)].map(([, file = ""]) => file);
  const named = [...text.replaceAll(/`[^`]*`/g, "").matchAll(/"([a-z][^"]{30,})"/g)].map(([, name = ""]) => name);

  it("names tests that exist", () => {
    const tests = files.map((file) => readFileSync(file, "utf8")).join("\n");
    expect(named.length + files.length).toBeGreaterThan(1);
    expect(named.filter((name) => !tests.includes(`"${name}"`) && !tests.includes(`"${name}:`))).toEqual([]);
  });
});
