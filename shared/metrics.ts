import { createRegistry } from "./metrics/registry.ts";
import type { Counter, Gauge, Histogram } from "./metrics/registry.ts";
import type { Report } from "./reconcile/report.ts";

/** Bucket bounds of the upstream operator, in seconds (spec/resources.md 6.3). */
const BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5,
  4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];

const UPSTREAM = "stunner_gateway_operator_";
const OWN = "stunner_serverless_";

/** What this process tells Prometheus: the upstream operator's names with their meaning, and our own. */
export interface Metrics {
  /** One request for a pass: `passed` on, or `throttled`, since another one is due anyway. */
  requested(result: "passed" | "throttled"): void;
  /** A pass begins; `generation` counts the passes of this process. */
  started(generation: number, now: number): void;
  /** A pass has ended. */
  finished(generation: number, report: Report, now: number): void;
  /** Still alive, with nothing to do. */
  idle(now: number): void;
  text(): string;
}

/**
 * @param watchers how many CDS watches are open
 * @param unixSeconds when the process started
 */
export function createMetrics(watchers: () => number, unixSeconds: number): Metrics {
  const registry = createRegistry();
  const { counter, gauge, gaugeOf, histogram } = registry;

  const renders = counter(`${UPSTREAM}render_total`, "Renders.");
  const renderTime = histogram(`${UPSTREAM}render_time_seconds`, "Duration of a render.", BUCKETS);
  const updates = counter(`${UPSTREAM}update_total`, "Updates written, by result.", ["result"]);
  const updateErrors = counter(`${UPSTREAM}update_errors_total`, "Updates of which something could not be written.");
  const updateTime = histogram(`${UPSTREAM}update_time_seconds`, "Duration of writing an update.", BUCKETS);
  const operations = counter(
    `${UPSTREAM}resource_operations_total`, "Writes of objects, by scope, kind and operation.", ["scope", "kind", "operation"],
  );
  const requests = counter(`${UPSTREAM}reconcile_events_total`, "Requests for a render, by what became of them.", ["result"]);
  const generation = gauge(`${UPSTREAM}generation`, "The last render that was started.");
  const acknowledged = gauge(`${UPSTREAM}generation_last_acked`, "The last render whose update was written.");
  const loops = ["operator", "renderer", "updater"].map((loop) =>
    gauge(`${UPSTREAM}${loop}_loop_last_active_timestamp_seconds`, `When the ${loop} loop last turned.`),
  );

  const own = ownMetrics(counter, gauge, histogram);
  gaugeOf(`${OWN}watchers`, "Open CDS watches.", watchers);
  gaugeOf("process_resident_memory_bytes", "Resident memory size.", () => process.memoryUsage.rss());
  gaugeOf("process_cpu_seconds_total", "User and system CPU time spent.", cpuSeconds);
  gaugeOf("process_start_time_seconds", "Start time of the process since the epoch.", () => unixSeconds);

  function beat(now: number): void {
    for (const loop of loops) loop.set(now / 1000);
  }

  return {
    requested: (result) => requests.add([result]),
    started(number, now) {
      generation.set(number);
      beat(now);
    },
    finished(number, report, now) {
      beat(now);
      own.record(report, now);
      if (report.milliseconds.render !== undefined) {
        renders.add();
        renderTime.observe(report.milliseconds.render / 1000);
      }
      for (const { scope, kind, operation, count } of report.operations) operations.add([scope, kind, operation], count);
      if (report.milliseconds.apply === undefined) return;
      const failed = report.outcome !== "done";
      updates.add([failed ? "error" : "success"]);
      if (failed) updateErrors.add();
      updateTime.observe(report.milliseconds.apply / 1000);
      acknowledged.set(number);
    },
    idle: beat,
    text: registry.text,
  };
}

type Make<T> = (name: string, help: string, labels?: readonly string[]) => T;

function ownMetrics(counter: Make<Counter>, gauge: Make<Gauge>, histogram: (name: string, help: string, buckets: number[]) => Histogram) {
  const passes = counter(`${OWN}passes_total`, "Passes, by outcome: done, incomplete, stopped, failed.", ["outcome"]);
  const total = histogram(`${OWN}pass_seconds`, "Duration of a pass, loading and publishing included.", BUCKETS);
  const phases = gauge(`${OWN}phase_seconds`, "Duration of the phases of the last pass.", ["phase"]);
  const problems = gauge(`${OWN}problems`, "Problems of the last pass, by severity and reason.", ["severity", "reason"]);
  const published = gauge(`${OWN}published_generation`, "Generation of the published index.");
  const configs = gauge(`${OWN}configs`, "Configurations that are served.");
  const held = gauge(`${OWN}held_configs`, "Configurations that are kept as they were because what they come from is broken.");
  const success = gauge(`${OWN}last_success_timestamp_seconds`, "When a pass last did all it had to.");
  return {
    record(report: Report, now: number): void {
      passes.add([report.outcome]);
      phases.clear();
      for (const [phase, milliseconds] of Object.entries(report.milliseconds)) {
        if (phase === "total") total.observe(milliseconds / 1000);
        else phases.set(milliseconds / 1000, [phase]);
      }
      if (report.outcome === "done") success.set(now / 1000);
      if (report.outcome === "failed") return;
      problems.clear();
      for (const [count, labels] of countProblems(report)) problems.set(count, labels);
      published.set(report.generation);
      configs.set(report.counts.configs);
      held.set(report.counts.held);
    },
  };
}

function countProblems({ problems }: Report): [count: number, labels: string[]][] {
  const counts = new Map<string, number>();
  for (const { severity, reason } of problems) {
    const key = JSON.stringify([severity, reason]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => [count, JSON.parse(key) as string[]]);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
