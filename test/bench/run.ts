/** Runs every benchmark, each in a process of its own; fails where one is over its budget. */
import { spawnSync } from "node:child_process";

for (const name of ["render", "publish", "cds-watchers", "serve-watchers", "cold-start", "cold-start-gcp"]) {
  process.stdout.write(`\n# ${name}\n`);
  const { status } = spawnSync(process.execPath, [new URL(`${name}.ts`, import.meta.url).pathname], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
