import { setTimeout as wait } from "node:timers/promises";
import { collectGarbage } from "../../shared/cds/publish.ts";
import type { PassResult } from "../../shared/events/queue.ts";
import type { Metrics } from "../../shared/metrics.ts";
import { reconcile } from "../../shared/reconcile.ts";
import type { Pass, Ports, ReconcileOptions } from "../../shared/reconcile.ts";
import { passUnlessTornDown } from "../../shared/reconcile/torn-down.ts";
import { finalized } from "../../shared/reconcile/finalize.ts";
import type { Logger } from "./log.ts";
import { createReporter } from "./reporter.ts";

/** Pauses between the tries to leave nothing behind: it is the last chance. */
const FINAL_RETRIES_MS = [50, 100, 200, 500, 1000, 2000];
const COLLECT_EVERY_MS = 10 * 60 * 1000;

export interface Passes {
  /** One pass. */
  run(): Promise<PassResult>;
  /** `--enable-finalizer`: every dataplane of ours goes, and the statuses say why. */
  finalize(): Promise<void>;
  /** Undefined once a pass has succeeded; before, why none has. */
  unready(): string | undefined;
}

export interface PassesOptions {
  readonly ports: Ports;
  readonly options: ReconcileOptions;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Called after the first pass. */
  readonly onFirst: (pass: Pass) => void;
}

/** Passes of one process: counted, measured and told of. Old configurations in the store are collected now and then. */
export function createPasses({ ports, options, metrics, log, onFirst }: PassesOptions): Passes {
  const { store, now } = ports;
  const report = createReporter(log);
  let unready: string | undefined = "the first pass has not ended yet";
  let passes = 0;
  let collected = now();

  async function collect(): Promise<void> {
    collected = now();
    try {
      await collectGarbage(store, { cluster: options.clusterName, now: collected });
    } catch (error) {
      log.warn({ err: error }, "old configurations could not be deleted from the store");
    }
  }

  return {
    async run() {
      passes += 1;
      metrics.started(passes, now());
      const pass = await passUnlessTornDown(ports, options);
      metrics.finished(passes, pass.report, now());
      report(pass);
      const { outcome, error } = pass.report;
      if (outcome !== "failed") unready = undefined;
      else if (unready !== undefined) unready = `no pass has succeeded yet: ${error?.message}`;
      if (passes === 1) onFirst(pass);
      if (now() - collected > COLLECT_EVERY_MS) await collect();
      return { again: outcome !== "done" && outcome !== "stopped", soon: pass.isStale };
    },

    async finalize() {
      const render = { ...options.render, onInvalid: "teardown" as const };
      const cluster = finalized(ports.cluster);
      for (let tries = 0; tries <= FINAL_RETRIES_MS.length; tries += 1) {
        const pass = await reconcile({ ...ports, cluster, keep: undefined }, { ...options, render, allowMassDelete: true });
        report(pass);
        if (pass.report.outcome === "done") return;
        await wait(FINAL_RETRIES_MS[tries]);
      }
    },

    unready: () => unready,
  };
}
