// Bundles every entry point: `node build.mjs [--quiet]`. Prints sizes; fails when a bundle outgrows its budget.
import { build } from "esbuild";
import { chmod, rm } from "node:fs/promises";

/**
 * Budgets are bytes, minified, without source maps: `start` of what an entry point always loads, `all` with what it
 * loads when it needs it, such as the Kubernetes client.
 */
const ENTRIES = [{ from: "functions/local/cli.ts", to: "cli", start: 700_000, all: 2_400_000, executable: true }];

const quiet = process.argv.includes("--quiet");

/** Bundled CommonJS packages ask for Node's own modules with `require`, which an ES module does not have. */
const REQUIRE = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

await rm("dist", { recursive: true, force: true });
for (const { from, to, start, all, executable } of ENTRIES) {
  const started = performance.now();
  const { metafile } = await build({
    entryPoints: { [to]: from },
    outdir: "dist",
    bundle: true,
    splitting: true,
    chunkNames: `${to}-[hash]`,
    platform: "node",
    target: "node22.19",
    format: "esm",
    minify: true,
    keepNames: true,
    sourcemap: "linked",
    legalComments: "none",
    banner: { js: `${executable ? "#!/usr/bin/env node\n" : ""}${REQUIRE}` },
    // Optional native parts of ws: it works without them.
    external: ["bufferutil", "utf-8-validate"],
    metafile: true,
    logLevel: "error",
  });
  if (executable) await chmod(`dist/${to}.js`, 0o755);
  const took = Math.round(performance.now() - started);
  tell(`dist/${to}.js at its start`, size(metafile.outputs, loadedAtStart(metafile.outputs, `dist/${to}.js`)), start);
  tell(`dist/${to}.js with all parts, ${took} ms`, size(metafile.outputs, Object.keys(metafile.outputs)), all);
}

/** An output and everything that it imports statically. */
function loadedAtStart(outputs, path, seen = new Set()) {
  if (seen.has(path) || !outputs[path]) return seen;
  seen.add(path);
  for (const { path: next, kind } of outputs[path].imports) if (kind === "import-statement") loadedAtStart(outputs, next, seen);
  return seen;
}

function size(outputs, paths) {
  return [...paths].filter((path) => path.endsWith(".js")).reduce((sum, path) => sum + outputs[path].bytes, 0);
}

function tell(what, bytes, budget) {
  if (!quiet) process.stdout.write(`${what}: ${kilobytes(bytes)} of at most ${kilobytes(budget)}\n`);
  if (bytes <= budget) return;
  process.exitCode = 1;
  process.stderr.write(`${what} is ${bytes} bytes, ${bytes - budget} above its budget of ${budget} (build.mjs)\n`);
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
