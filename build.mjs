// Bundles every entry point: `node build.mjs [--quiet] [--only=NAME] [--out=DIR]`, where NAME is cli, credentials, aws or
// aws/cds and so on. Prints sizes; fails when a bundle outgrows its budget. What the functions consist of goes to bundles.json.
import { build } from "esbuild";
import { execFile } from "node:child_process";
import { chmod, glob, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildFunction, FUNCTIONS } from "./build/functions.mjs";

/**
 * Budgets are bytes, minified, without source maps: `start` of what an entry point always loads, `all` with what it
 * loads when it needs it, such as the Kubernetes client. What it loads right after itself is `main`.
 */
const ENTRIES = [
  { from: "functions/local/cli.ts", main: "functions/local/main.ts", to: "cli", start: 200_000, all: 2_400_000, executable: true },
  // For applications: types come along.
  { from: "shared/credentials/index.ts", to: "credentials", start: 10_000, all: 10_000, types: true },
];

const quiet = process.argv.includes("--quiet");
const only = option("only");
const out = option("out") ?? "dist";

/** Bundled CommonJS packages ask for Node's own modules with `require`, which an ES module does not have. */
const REQUIRE = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

await rm(out, { recursive: true, force: true });
for (const { from, main, to, start, all, executable, types } of ENTRIES) {
  if (only !== undefined && only !== to) continue;
  const started = performance.now();
  const { metafile } = await build({
    entryPoints: { [to]: from },
    outdir: out,
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
  const entry = Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint === from);
  const next = Object.keys(metafile.outputs).find((path) => main && metafile.outputs[path].entryPoint === main);
  if (executable) await chmod(entry, 0o755);
  if (types) await declare(from);
  const took = Math.round(performance.now() - started);
  tell(`${entry} at its start`, size(metafile.outputs, loadedAtStart(metafile.outputs, next, loadedAtStart(metafile.outputs, entry))), start);
  tell(`${entry} with all parts, ${took} ms`, size(metafile.outputs, Object.keys(metafile.outputs)), all);
}

const report = {};
for (const one of FUNCTIONS) {
  const title = `${one.cloud}/${one.name}`;
  if (only !== undefined && only !== one.cloud && only !== title) continue;
  report[title] = await buildFunction(one, { out, banner: REQUIRE, tell, loadedAtStart });
}
if (Object.keys(report).length > 0) await writeFile(join(out, "bundles.json"), `${JSON.stringify(report, undefined, 2)}\n`);

/** Writes the types of a library, and of what it imports, to `types` as they are laid out in `shared`. */
async function declare(from) {
  const types = join(out, "types");
  const how = ["--ignoreConfig", "--declaration", "--emitDeclarationOnly", "--allowImportingTsExtensions", "--strict", "--skipLibCheck"];
  const target = ["--module", "nodenext", "--target", "es2024", "--types", "node", "--rootDir", "shared", "--outDir", types];
  await promisify(execFile)(process.execPath, ["node_modules/typescript/bin/tsc", ...how, ...target, from]);
  for await (const file of glob(join(types, "**/*.d.ts"))) {
    const text = await readFile(file, "utf8");
    // What is imported there are the declarations, whose files have the names of the modules that they declare.
    await writeFile(file, text.replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
  }
}

function option(name) {
  return process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
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
