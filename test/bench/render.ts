/** How long a rendering takes and how much memory it needs at its peak, by the number of Gateways (issue 3). */
import { fork } from "node:child_process";
import { once } from "node:events";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { render } from "../../shared/render/render.ts";
import { fleet } from "./fleet.ts";
import { slowness } from "./machine.ts";
import { figure, median, timed } from "./measure.ts";
import { RENDER_OPTIONS } from "../support/render-settings.ts";

const SIZES = [1, 64, 512, 4_096, 10_000];
const RUNS = 11;

/** Milliseconds by size, on the machine of the budgets: its speed may differ from one size to the next. */
const times = new Map<number, number>();
for (const size of SIZES) {
  const state = clusterState(fleet(size));
  const took = median(await timed(RUNS, () => render(state, RENDER_OPTIONS)));
  times.set(size, took / slowness());
  figure(`render ${size} Gateways, median of ${RUNS}`, took, "ms", size === 512 ? 20 : undefined);
}
figure("render 10,000 against 512", (times.get(10_000) ?? 0) / (times.get(512) ?? 1), "times", 25);

/** KiB that a process which renders so many Gateways has at its peak. */
async function peakOf(size: number): Promise<number> {
  const [peak] = (await once(fork(new URL("render-memory.ts", import.meta.url), [String(size)]), "message")) as [number];
  return peak;
}

const empty = await peakOf(0);
const memory = new Map<number, number>();
for (const size of SIZES) {
  memory.set(size, (await peakOf(size)) - empty);
  figure(`memory of rendering ${size} Gateways at its peak, beyond that of none`, memory.get(size) ?? Number.NaN, "KiB");
}
for (const size of [512, 4_096]) figure(`memory for each Gateway, 10,000 against ${size}`, ((memory.get(10_000) ?? 0) / 10_000) / ((memory.get(size) ?? 1) / size), "times", 1.5);
