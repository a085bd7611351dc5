import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createMetrics } from "../../shared/metrics.ts";
import { render } from "../../shared/render/render.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { parseManifests } from "../../shared/state/directory/load-manifests.ts";
import { RENDER_OPTIONS } from "../support/render-settings.ts";
import { loadScenarios } from "../golden/scenario.ts";
import type { AnyKubeObject } from "../../shared/resources/kinds.ts";

const PAGES = ["README.md", ...readdirSync("docs").filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];

describe("docs", () => {
  const snippets = PAGES.flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""], index) => ({ name: `${page}#${index + 1}`, text })),
  ).filter(({ text }) => text.includes("apiVersion:"));

  it("have manifests to try", () => {
    expect(snippets.length).toBeGreaterThan(3);
  });

  it.each(snippets)("$name is as an API server takes it", ({ name, text }) => {
    const { objects, problems } = parseManifests(text, name);
    expect(problems.filter(({ severity }) => severity !== "info")).toEqual([]);
    expect(objects.length).toBeGreaterThan(0);
  });

  it("list every metric that is exported, and no other", () => {
    const exported = [...createMetrics(() => 0, 0).text().matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const documented = [...readFileSync("docs/metrics.md", "utf8").matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    expect(documented.sort()).toEqual(exported.sort());
  });

  it("explain every reason that the recorded scenarios give", () => {
    const reasons = new Set<string>();
    for (const { steps } of loadScenarios()) {
      const state = clusterState(steps.flatMap(({ apply }) => apply as AnyKubeObject[]));
      for (const mode of ["managed", "legacy"] as const) {
        for (const referenceGrants of ["permit", "enforce"] as const) {
          const { statuses, problems } = render(state, { ...RENDER_OPTIONS, mode, referenceGrants });
          for (const { reason } of problems) reasons.add(reason);
          for (const [, reason = ""] of JSON.stringify(statuses).matchAll(/"reason":"(\w+)"/g)) reasons.add(reason);
        }
      }
    }
    const page = readFileSync("docs/troubleshooting.md", "utf8");
    expect(reasons.size).toBeGreaterThan(25);
    expect([...reasons].filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
  });
});
