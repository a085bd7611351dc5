import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ENVIRONMENT_WITHOUT_MEANING, SETTINGS, WITHOUT_MEANING } from "../../shared/settings/table.ts";
import type { SettingRow, Verb } from "../../shared/settings/table.ts";

const lines = readFileSync(new URL("../../docs/settings.md", import.meta.url), "utf8").split("\n");
const code = (text: string | undefined): string => (text ? `\`${text}\`` : "");

/** The verbs of a cluster; a setting that some other verb has as well still has all of them. */
const ALL: readonly Verb[] = ["render", "serve", "reconcile", "diff", "teardown"];

function documented({ flag, env, value, initial, help, verbs }: SettingRow): string {
  const name = flag === undefined ? "" : code(`--${flag}${value === undefined ? "" : `=${value}`}`);
  const initially = initial.includes(",") ? "see below" : code(initial);
  const isAll = ALL.every((verb) => verbs.includes(verb));
  return `| ${name} | ${code(env)} | ${initially} | ${isAll ? "all" : verbs.join(", ")} | ${help} |`;
}

describe("docs/settings.md", () => {
  it.each(Object.entries<SettingRow>(SETTINGS))("has %s as it is", (_, row) => {
    expect(lines).toContain(documented(row));
  });

  it("has no setting that does not exist", () => {
    const rows = new Set(Object.values<SettingRow>(SETTINGS).map(documented));
    const told = lines.filter((line) => /^\| `?(--|\s*\|)/.test(line) && line.split("|").length === 7);
    expect(told.filter((line) => !rows.has(line))).toEqual([]);
  });

  it.each(Object.entries(WITHOUT_MEANING))("has --%s, which changes nothing", (flag, { note }) => {
    expect(lines).toContain(`| \`--${flag}\` | ${note} |`);
  });

  it.each(Object.entries(ENVIRONMENT_WITHOUT_MEANING))("has %s, which changes nothing", (variable, note) => {
    expect(lines).toContain(`| \`${variable}\` | ${note} |`);
  });

  it("lists the label filter", () => {
    for (const key of SETTINGS.labelFilter.initial.split(",")) expect(lines.join("\n")).toContain(code(key));
  });
});
