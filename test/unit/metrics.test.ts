import { describe, expect, it } from "vitest";
import { createMetrics } from "../../shared/metrics.ts";
import { createRegistry } from "../../shared/metrics/registry.ts";
import type { Report } from "../../shared/reconcile/report.ts";

const report: Report = {
  cluster: "default",
  startedAt: "2026-01-01T00:00:00Z",
  outcome: "done",
  generation: 7,
  changes: [],
  problems: [
    { severity: "error", object: "Gateway a/b", field: "", reason: "Invalid", message: "" },
    { severity: "error", object: "Gateway a/c", field: "", reason: "Invalid", message: "" },
    { severity: "warning", object: "Gateway a/c", field: "", reason: "RefNotPermitted", message: "" },
  ],
  counts: { gatewayClasses: 1, gateways: 3, routes: 2, configs: 3, held: 1, objects: 6 },
  operations: [{ scope: "spec", kind: "Service", operation: "created", count: 2 }],
  milliseconds: { load: 5, render: 20, publish: 2, apply: 120, total: 147 },
  orphans: {},
  unread: [],
};

describe("registry", () => {
  it("writes the text format, label values escaped", () => {
    const registry = createRegistry();
    const counter = registry.counter("c_total", "Counts.", ["a", "b"]);
    counter.add(["x", 'quote " slash \\ line \n']);
    counter.add(["x", 'quote " slash \\ line \n'], 2);
    registry.gauge("g", "Gauges.").set(-Infinity);
    registry.gaugeOf("f", "Asked.", () => Infinity);
    expect(registry.text()).toBe(
      [
        "# HELP c_total Counts.",
        "# TYPE c_total counter",
        String.raw`c_total{a="x",b="quote \" slash \\ line \n"} 3`,
        "# HELP g Gauges.",
        "# TYPE g gauge",
        "g -Inf",
        "# HELP f Asked.",
        "# TYPE f gauge",
        "f +Inf",
        "",
      ].join("\n"),
    );
  });

  it("starts a series without labels at zero and forgets on clear", () => {
    const registry = createRegistry();
    registry.counter("c", "C.");
    const gauge = registry.gauge("g", "G.", ["l"]);
    gauge.set(1, ["a"]);
    gauge.clear();
    gauge.set(2, ["b"]);
    expect(registry.text()).toContain("\nc 0\n");
    expect(registry.text()).not.toContain('l="a"');
    expect(registry.text()).toContain('g{l="b"} 2\n');
  });

  it("counts a value in every bucket that holds it, the bound included", () => {
    const registry = createRegistry();
    const histogram = registry.histogram("h", "H.", [0.1, 1]);
    for (const value of [0.1, 0.5, 3]) histogram.observe(value);
    expect(registry.text()).toContain('h_bucket{le="0.1"} 1\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 3\nh_sum 3.6\nh_count 3\n');
  });
});

describe("metrics", () => {
  const NAMES = [
    "render_total", "render_time_seconds", "update_total", "update_errors_total", "update_time_seconds", "resource_operations_total",
    "reconcile_events_total", "generation", "generation_last_acked", "operator_loop_last_active_timestamp_seconds",
    "renderer_loop_last_active_timestamp_seconds", "updater_loop_last_active_timestamp_seconds",
  ];

  it("have the upstream operator's names", () => {
    const text = createMetrics(() => 0, 0).text();
    for (const name of NAMES) expect(text).toContain(`# TYPE stunner_gateway_operator_${name} `);
    expect(text).toContain('stunner_gateway_operator_render_time_seconds_bucket{le="0.45"} 0\n');
    expect(text.match(/render_time_seconds_bucket/g)).toHaveLength(41);
  });

  it("tell of a pass", () => {
    const metrics = createMetrics(() => 42, 99);
    metrics.requested("passed");
    metrics.requested("throttled");
    metrics.started(3, 1_000_000);
    metrics.finished(3, report, 2_000_000);
    const lines = metrics.text().split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        "stunner_gateway_operator_render_total 1",
        'stunner_gateway_operator_render_time_seconds_bucket{le="0.01"} 0',
        'stunner_gateway_operator_render_time_seconds_bucket{le="0.025"} 1',
        'stunner_gateway_operator_update_total{result="success"} 1',
        "stunner_gateway_operator_update_errors_total 0",
        'stunner_gateway_operator_resource_operations_total{scope="spec",kind="Service",operation="created"} 2',
        'stunner_gateway_operator_reconcile_events_total{result="passed"} 1',
        'stunner_gateway_operator_reconcile_events_total{result="throttled"} 1',
        "stunner_gateway_operator_generation 3",
        "stunner_gateway_operator_generation_last_acked 3",
        "stunner_gateway_operator_operator_loop_last_active_timestamp_seconds 2000",
        'stunner_serverless_passes_total{outcome="done"} 1',
        'stunner_serverless_phase_seconds{phase="apply"} 0.12',
        'stunner_serverless_problems{severity="error",reason="Invalid"} 2',
        'stunner_serverless_problems{severity="warning",reason="RefNotPermitted"} 1',
        "stunner_serverless_published_generation 7",
        "stunner_serverless_configs 3",
        "stunner_serverless_held_configs 1",
        "stunner_serverless_last_success_timestamp_seconds 2000",
        "stunner_serverless_watchers 42",
        "process_start_time_seconds 99",
      ]),
    );
    metrics.idle(3_000_000);
    expect(metrics.text()).toContain("renderer_loop_last_active_timestamp_seconds 3000\n");
  });

  it("keep what was true while passes fail", () => {
    const metrics = createMetrics(() => 0, 0);
    metrics.finished(1, report, 1000);
    metrics.finished(2, { ...report, outcome: "failed", generation: 0, problems: [], milliseconds: { load: 1, total: 1 } }, 5000);
    const text = metrics.text();
    expect(text).toContain("stunner_serverless_last_success_timestamp_seconds 1\n");
    expect(text).toContain('stunner_serverless_problems{severity="error",reason="Invalid"} 2');
    expect(text).toContain("stunner_serverless_published_generation 7\n");
    expect(text).toContain('stunner_serverless_passes_total{outcome="failed"} 1');
    expect(text).toContain("stunner_gateway_operator_render_total 1\n");
    expect(text).toContain("stunner_gateway_operator_generation_last_acked 1\n");
  });

  it("count an update that could not be written as an error, and forget problems that are gone", () => {
    const metrics = createMetrics(() => 0, 0);
    metrics.finished(1, { ...report, outcome: "incomplete" }, 1000);
    metrics.finished(2, { ...report, problems: [] }, 1000);
    const text = metrics.text();
    expect(text).toContain('stunner_gateway_operator_update_total{result="error"} 1');
    expect(text).toContain("stunner_gateway_operator_update_errors_total 1\n");
    expect(text).not.toContain("stunner_serverless_problems{");
  });
});
