// Bundles every entry point: `node build.mjs [--quiet]`. Prints sizes; fails when a bundle outgrows its budget.
import { build } from "esbuild";
import { chmod, rm, stat } from "node:fs/promises";

/** Budgets are bytes of the minified bundle without its source map. */
const ENTRIES = [{ from: "functions/local/cli.ts", to: "dist/cli.js", budget: 700_000, executable: true }];

const quiet = process.argv.includes("--quiet");

/** Bundled CommonJS packages ask for Node's own modules with `require`, which an ES module does not have. */
const REQUIRE = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

await rm("dist", { recursive: true, force: true });
let failed = false;
for (const { from, to, budget, executable } of ENTRIES) {
  const started = performance.now();
  const banner = `${executable ? "#!/usr/bin/env node\n" : ""}${REQUIRE}`;
  await build({
    entryPoints: [from],
    outfile: to,
    bundle: true,
    platform: "node",
    target: "node22.19",
    format: "esm",
    minify: true,
    keepNames: true,
    sourcemap: "linked",
    legalComments: "none",
    banner: { js: banner },
    // Optional native parts of ws: it works without them.
    external: ["bufferutil", "utf-8-validate"],
    logLevel: "error",
  });
  if (executable) await chmod(to, 0o755);
  const { size } = await stat(to);
  const milliseconds = Math.round(performance.now() - started);
  if (!quiet) process.stdout.write(`${to}  ${kilobytes(size)} of at most ${kilobytes(budget)}  ${milliseconds} ms\n`);
  if (size > budget) {
    failed = true;
    process.stderr.write(`${to} is ${size} bytes, ${size - budget} above its budget of ${budget} (build.mjs)\n`);
  }
}
if (failed) process.exitCode = 1;

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
