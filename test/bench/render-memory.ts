/** A process of its own: renders so many Gateways and tells how much more memory is reachable while the result is held. */
import { clusterState } from "../../shared/state/cluster-state.ts";
import { render } from "../../shared/render/render.ts";
import { fleet } from "./fleet.ts";
import { RENDER_OPTIONS } from "../support/render-settings.ts";

const state = clusterState(fleet(Number(process.argv[2])));
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
const result = render(state, RENDER_OPTIONS);
globalThis.gc?.();
const after = process.memoryUsage().heapUsed;
process.send?.(result.configs.size > 0 ? after - before : Number.NaN);
process.disconnect();
