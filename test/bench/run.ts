/**
 * Runs every benchmark, or those that are named, each in a process of its own; fails where one is over its budget. One that is
 * too slow is run once more, as long as there is time: the machine may have been busy.
 */
import { spawnSync } from "node:child_process";
import { FAILED } from "./measure.ts";

const NAMES = ["render", "publish", "serve-watchers", "tls-watchers", "pull-clients", "cold-start", "cold-start-gcp"];
/** Nothing is begun again that would not have ended after so many milliseconds. */
const TIME = 8 * 60_000;

for (const name of process.argv.length > 2 ? process.argv.slice(2) : NAMES) {
  const began = performance.now();
  let status = run(name);
  const took = performance.now() - began;
  if (status === FAILED.slow && performance.now() + took < TIME) status = run(name, ", once more");
  process.stdout.write(`${name}: ${status === 0 ? "within its budgets" : "OVER BUDGET"}, ${Math.round((performance.now() - began) / 1000)} s\n`);
  if (status !== 0) process.exitCode = 1;
}

function run(name: string, how = ""): number | null {
  process.stdout.write(`\n# ${name}${how}\n`);
  return spawnSync(process.execPath, [new URL(`${name}.ts`, import.meta.url).pathname], { stdio: "inherit" }).status;
}
