import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { contentsOf, partOf } from "./report.mjs";
import { zip } from "./zip.mjs";

/** The framework keeps what registers with it: bundled, there would be two of it (DESIGN.md 5). */
const GOOGLE = { cloud: "gcp", zipped: true, external: ["@google-cloud/functions-framework"], beside: "build/gcp" };

/**
 * The functions of the clouds. Budgets are bytes, minified: `start` of what an instance always loads, `all` with what it loads
 * when it needs it (the judge of writes, which brings the renderer along). `external` is not bundled; what is `uncounted` is
 * in the bundle and not in the budget; `zipped` makes the archive that the cloud takes as it is. On Google Cloud that is the source
 * of a build: package.json and lock of build/gcp are in it, and the builder installs what they say.
 */
export const FUNCTIONS = [
  { cloud: "aws", name: "event", start: 150_000, all: 250_000, zipped: true },
  { cloud: "aws", name: "reconcile", start: 2_000_000, all: 2_000_000, zipped: true, hasKubernetes: true },
  { cloud: "aws", name: "resync", start: 150_000, all: 150_000, zipped: true },
  { cloud: "aws", name: "cds", start: 120_000, all: 120_000, zipped: true },
  { cloud: "aws", name: "credentials", start: 150_000, all: 150_000, zipped: true },
  { ...GOOGLE, name: "event", start: 150_000, all: 250_000 },
  { ...GOOGLE, name: "reconcile", start: 2_000_000, all: 2_000_000, hasKubernetes: true },
  { ...GOOGLE, name: "resync", start: 150_000, all: 150_000 },
  { ...GOOGLE, name: "cds", start: 120_000, all: 120_000, uncounted: ["ws"] },
  { ...GOOGLE, name: "credentials", start: 150_000, all: 150_000 },
];

const KUBERNETES = "@kubernetes/client-node";
const TOLD = 6;

/**
 * Bundles one function to `<out>/<cloud>/<name>/index.mjs`, and zips it to `<out>/<cloud>/<name>.zip`.
 * @param options.banner what each file begins with
 * @param options.tell told of sizes and budgets
 * @returns what the report says of it
 */
export async function buildFunction({ cloud, name, start, all, zipped, hasKubernetes = false, external = [], uncounted = [], beside }, { out, banner, tell, loadedAtStart }) {
  const directory = join(out, cloud, name);
  await rm(directory, { recursive: true, force: true });
  const from = `functions/${cloud}/${name}.ts`;
  const { metafile } = await build({
    entryPoints: { index: from },
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    chunkNames: "[name]-[hash]",
    platform: "node",
    target: "node24",
    format: "esm",
    minify: true,
    keepNames: true,
    legalComments: "none",
    banner: { js: banner },
    external: ["bufferutil", "utf-8-validate", ...external],
    metafile: true,
    logLevel: "error",
  });
  const { outputs } = metafile;
  const { parts, inputs } = contentsOf(outputs);
  if (!hasKubernetes && parts.some(([part]) => part === KUBERNETES)) throw new Error(`${cloud}/${name} has ${KUBERNETES} in it, which only reconcile may have`);
  const atStart = loadedAtStart(outputs, Object.keys(outputs).find((path) => outputs[path].entryPoint === from));
  const counted = (paths) => [...paths].reduce((sum, path) => sum + outputs[path].bytes - left(outputs[path], uncounted), 0);
  const sizes = { start: counted(atStart), all: counted(Object.keys(outputs)) };
  const archive = zipped ? await pack([...Object.keys(outputs), ...(await copied(beside, directory))], directory) : undefined;
  const most = parts.slice(0, TOLD).map(([part, bytes]) => `${part} ${Math.round(bytes / 1000)}`);
  const title = `${cloud}/${name}`;
  tell(`${title} at its start`, sizes.start, start);
  tell(`${title} with all parts${archive ? `, zip ${Math.round(archive.bytes / 1000)} kB` : ""} (${most.join(", ")})`, sizes.all, all);
  return { ...sizes, budget: { start, all }, ...(archive ? { zip: archive } : {}), parts: Object.fromEntries(parts), inputs: Object.fromEntries(inputs) };
}

function left({ inputs }, uncounted) {
  return Object.entries(inputs).reduce((sum, [path, { bytesInOutput: bytes }]) => sum + (uncounted.includes(partOf(path)) ? bytes : 0), 0);
}

/** Copies what is to be beside the bundle. @returns paths of the copies */
async function copied(from, directory) {
  const names = from === undefined ? [] : await readdir(from);
  await Promise.all(names.map((name) => copyFile(join(from, name), join(directory, name))));
  return names.map((name) => join(directory, name));
}

async function pack(paths, directory) {
  const files = await Promise.all(paths.map(async (path) => [relative(directory, path), await readFile(path)]));
  const bytes = zip(new Map(files));
  await mkdir(dirname(directory), { recursive: true });
  await writeFile(`${directory}.zip`, bytes);
  // As Lambda tells it of the code that it has (CodeSha256).
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("base64") };
}
