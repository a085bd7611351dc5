import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CRDS } from "./generate/crds.ts";
import { fileNameOf, manifestOf } from "./generate/manifest.ts";

/**
 * Writes infra/crds/*.yaml from the schemas in shared/resources. With `--check` it writes nothing, names the files
 * that are stale, and exits with 1 if there are any.
 */
const folder = join(import.meta.dirname, "crds");
const wanted = new Map(CRDS.map((crd) => [fileNameOf(crd), manifestOf(crd)]));

if (process.argv.includes("--check")) {
  const stale = await staleFiles();
  for (const name of stale) process.stderr.write(`infra/crds/${name} is stale: run \`npm run generate\`\n`);
  if (stale.length > 0) process.exitCode = 1;
} else {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of wanted) await writeFile(join(folder, name), text);
  process.stdout.write(`${wanted.size} CRDs written to infra/crds\n`);
}

/** Files that are missing, differ from what the schemas say, or that no schema explains. */
async function staleFiles(): Promise<string[]> {
  const names = new Set([...wanted.keys(), ...(await listYaml())]);
  const stale: string[] = [];
  for (const name of names) if (wanted.get(name) !== (await readText(name))) stale.push(name);
  return stale.sort();
}

async function listYaml(): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".yaml"));
}

async function readText(name: string): Promise<string | undefined> {
  return readFile(join(folder, name), "utf8").catch(() => undefined);
}
