/** A process of its own: renders so many Gateways and tells how much memory it had at its peak, in KiB. */
import { readFileSync } from "node:fs";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { render } from "../../shared/render/render.ts";
import { fleet } from "./fleet.ts";
import { RENDER_OPTIONS } from "../support/render-settings.ts";

render(clusterState(fleet(Number(process.argv[2]))), RENDER_OPTIONS);
// Peak of the resident set (proc_pid_status(5)). What getrusage(2) tells may be that of the process which started this one.
process.send?.(Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]));
process.disconnect();
