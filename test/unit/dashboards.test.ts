import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Dashboard {
  readonly panels: readonly { readonly id: number; readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string; readonly labels: object; readonly annotations: object }[] }[];
}

const page = readFileSync("docs/metrics.md", "utf8");
const documented = new Set([...page.matchAll(/^\|(?: \w+ \|)? `(\w+)`/gm)].map(([, name = ""]) => name));
const histograms = new Set([...page.matchAll(/^\| `(\w+)` \| histogram/gm)].map(([, name = ""]) => name));
const dashboards = globSync("infra/dashboards/*.json").sort();
const alerts = globSync("infra/alerts/*.yaml").sort();

const exprs = (file: string): readonly string[] =>
  file.endsWith(".json")
    ? (JSON.parse(readFileSync(file, "utf8")) as Dashboard).panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
    : (parse(readFileSync(file, "utf8")) as Rules).groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));

/** Our own and the process's: everything else in an expression is PromQL. */
const metricsIn = (expr: string): readonly string[] => [...expr.matchAll(/\b(?:stunner|process)_[a-z_]+/g)].map(([name]) => name);

describe("dashboards and alerts", () => {
  it("are there", () => {
    expect(dashboards).toEqual(["infra/dashboards/control-plane.json", "infra/dashboards/dataplane.json"]);
    expect(alerts).toEqual(["infra/alerts/control-plane.yaml", "infra/alerts/dataplane.yaml"]);
    expect(documented.size).toBeGreaterThan(25);
  });

  it.each([...dashboards, ...alerts])("%s names metrics of docs/metrics.md only, one and more in each expression", (file) => {
    for (const expr of exprs(file)) {
      const metrics = metricsIn(expr);
      expect({ expr, has: metrics.length > 0 }).toEqual({ expr, has: true });
      const unknown = metrics.filter((name) => !documented.has(name) && !histograms.has(name.replace(/_bucket$/, "")));
      expect({ expr, unknown }).toEqual({ expr, unknown: [] });
    }
  });

  it.each([...dashboards, ...alerts])("%s has brackets that match", (file) => {
    for (const expr of exprs(file)) {
      const unequal = ["()", "[]", "{}"].filter(([open = "", close = ""]) => expr.split(open).length !== expr.split(close).length);
      expect({ expr, unequal }).toEqual({ expr, unequal: [] });
    }
  });

  it.each(dashboards)("%s has titles and ids of its own", (file) => {
    const { panels } = JSON.parse(readFileSync(file, "utf8")) as Dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  it("have rules of which each says what and how bad", () => {
    const rules = alerts.flatMap((file) => (parse(readFileSync(file, "utf8")) as Rules).groups.flatMap((group) => group.rules));
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { labels, annotations } of rules) {
      expect(labels).toHaveProperty("severity", expect.stringMatching(/^(warning|critical)$/));
      expect(annotations).toEqual({ summary: expect.any(String), description: expect.any(String) });
    }
  });

  it("show every metric of passes and of the dataplane", () => {
    const shown = new Set(dashboards.flatMap((file) => exprs(file).flatMap(metricsIn)).map((name) => name.replace(/_bucket$/, "")));
    const missing = [...documented].filter((name) => /^stunner_(serverless|allocations|listener|cluster)_/.test(name) && !shown.has(name));
    expect(missing).toEqual(["stunner_serverless_published_generation"]);
  });
});
