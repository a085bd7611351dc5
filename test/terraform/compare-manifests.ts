// Applies modules/cluster-crds and modules/cluster with the schema-only provider and compares the objects with what
// `stunner-serverless manifests` prints: `compare-manifests.ts TERRAFORM WORK CASE.json`, where WORK holds a copy of terraform/.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

interface Case {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly arguments: readonly string[];
}

interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface State {
  readonly values: { readonly root_module: { readonly child_modules: readonly { readonly resources: readonly { readonly type: string; readonly values: { readonly manifest: KubeObject } }[] }[] } };
}

const [terraform = "", work = "", path = ""] = process.argv.slice(2);
const { variables, arguments: flags } = JSON.parse(readFileSync(path, "utf8")) as Case;
const root = join(import.meta.dirname, "../..");

const wanted = byTitle(printed());
const made = byTitle(applied());
const titles = [...new Set([...wanted.keys(), ...made.keys()])].sort();
const different = titles.filter((title) => !isDeepStrictEqual(wanted.get(title), made.get(title)));
for (const title of different) process.stderr.write(`${title}\nprinted: ${JSON.stringify(wanted.get(title))}\nmade:    ${JSON.stringify(made.get(title))}\n`);
if (different.length > 0 || titles.length < 8) process.exitCode = 1;
process.stdout.write(`${titles.length} objects\n`);

function printed(): readonly KubeObject[] {
  const env = { ...process.env, STUNNER_EVENT_TOKEN: String(variables["event_token"] ?? "") };
  const text = execFileSync(process.execPath, [join(root, "functions/local/cli.ts"), "manifests", "-o", "json", ...flags], { env, encoding: "utf8" });
  return (JSON.parse(text) as { items: KubeObject[] }).items;
}

function applied(): readonly KubeObject[] {
  const directory = join(work, "compared");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  const modules = { crds: { source: "../terraform/modules/cluster-crds" }, cluster: { source: "../terraform/modules/cluster", ...variables } };
  writeFileSync(join(directory, "main.tf.json"), JSON.stringify({ module: modules }));
  const run = (...words: string[]): string => execFileSync(terraform, [`-chdir=${directory}`, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  run("init", "-no-color");
  run("apply", "-auto-approve", "-no-color");
  const { values } = JSON.parse(run("show", "-json")) as State;
  return values.root_module.child_modules.flatMap(({ resources }) => resources.filter(({ type }) => type === "kubernetes_manifest").map((one) => one.values.manifest));
}

function byTitle(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(objects.map((one) => [`${one.kind} ${one.metadata.name}`, one]));
}
