/**
 * How fast the machine is while something is measured. Machines that tests run on are shared: the same code takes twice as long
 * from one minute to the next. So a fixed piece of work, of the sorts that the benchmarks measure, is done again and again beside
 * them, and budgets of time are of a machine that does it in `REFERENCE` ms (docs/decisions/0019).
 */
import { createHash } from "node:crypto";

/** Milliseconds that a lap takes on the machine that the budgets are of. */
const REFERENCE = 0.42;
/** Milliseconds between laps beside what waits for others; what never waits calls `lap` itself. */
const PERIOD = 250;
/** Laps before the first that counts: by then the engine has compiled the work. */
const WARMING = 300;
/** Laps that are enough to tell. */
const ENOUGH = 10;
/** On a machine that is slower by more than that nothing can be told. */
const MOST = 3;

const objects = Array.from({ length: 100 }, (_, n) => ({
  metadata: { name: `gateway-${n}`, namespace: `media-${n % 7}`, labels: { app: "stunner", [`of-${n}`]: "x" }, generation: n },
  spec: { listeners: Array.from({ length: 4 }, (_none, port) => ({ name: `listener-${port}`, port: 3000 + port, protocol: "TURN-UDP" })) },
}));
let laps: number[] = [];
let last = Number.NaN;

for (let n = 0; n < WARMING; n += 1) work();
setInterval(lap, PERIOD).unref();

/** Does the work three times and keeps the fastest: the first one wakes the processor and fills its caches. */
export function lap(): void {
  const times = Array.from({ length: 3 }, () => {
    const before = performance.now();
    work();
    return performance.now() - before;
  });
  laps.push(Math.min(...times));
}

/** How many times slower than the machine of the budgets it was since what was told last: 1 to 3. */
export function slowness(): number {
  if (Number.isNaN(last)) while (laps.length < ENOUGH) lap();
  if (laps.length >= ENOUGH) {
    // Without the slowest tenth: a garbage collection is of what is measured.
    const counted = laps.sort((a, b) => a - b).slice(0, Math.ceil(laps.length * 0.9));
    last = Math.min(MOST, Math.max(1, counted.reduce((sum, one) => sum + one, 0) / counted.length / REFERENCE));
    laps = [];
  }
  return last;
}

function work(): string {
  const read = JSON.parse(JSON.stringify(objects)) as typeof objects;
  const byName = new Map(read.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]));
  const sorted = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => ({ ...one, key, ports: one.spec.listeners.flatMap(({ port, name }) => [port, name]) }));
  return sorted.map((one) => createHash("sha256").update(JSON.stringify(one)).digest("base64url")).join("");
}
