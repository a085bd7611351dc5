/** How long a rendering takes and how much memory it needs at its peak, by the number of Gateways (issue 3). */
import { fork } from "node:child_process";
import { once } from "node:events";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { render } from "../../shared/render/render.ts";
import { fleet } from "./fleet.ts";
import { figure, median, timed } from "./measure.ts";
import { RENDER_OPTIONS } from "../support/render-settings.ts";

const SIZES = [1, 64, 512, 4_096, 10_000];
const RUNS = 11;

const times = new Map<number, number>();
for (const size of SIZES) {
  const state = clusterState(fleet(size));
  times.set(size, median(await timed(RUNS, () => render(state, RENDER_OPTIONS))));
  figure(`render ${size} Gateways, median of ${RUNS}`, times.get(size) ?? Number.NaN, "ms", size === 512 ? 20 : undefined);
}
figure("render 10,000 against 512", (times.get(10_000) ?? 0) / (times.get(512) ?? 1), "times", 25);

const memory = new Map<number, number>();
for (const size of SIZES) {
  const child = fork(new URL("render-memory.ts", import.meta.url), [String(size)], { execArgv: ["--expose-gc"] });
  const [bytes] = (await once(child, "message")) as [number];
  memory.set(size, bytes);
  figure(`memory of rendering ${size} Gateways`, bytes / 1024, "KiB");
}
figure("memory for each Gateway, 10,000 against 512", ((memory.get(10_000) ?? 0) / 10_000) / ((memory.get(512) ?? 1) / 512), "times", 1.5);
