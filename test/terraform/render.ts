// What a module would make, without an account: its outputs after an apply with the schema-only provider, such as the
// policies of modules/aws. `node test/terraform/render.ts MODULE VARIABLES.json` prints them.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname;
const FUNCTIONS = ["event", "reconcile", "resync", "cds", "credentials"];

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "stunner-serverless");
const version = /^TERRAFORM=(.+)$/m.exec(readFileSync(join(here, "versions.env"), "utf8"))?.[1] ?? "";
const terraform = join(cache, `terraform-${version}/terraform`);
const MISSING = "test terraform: terraform is not installed; run test/terraform/install.sh terraform (minutes, once)";

/** What is missing for `renderModule`, in a line; undefined: nothing. */
export function whyNoRendering(): string | undefined {
  return [terraform, join(cache, "terraform-providers")].every((one) => existsSync(one)) ? undefined : MISSING;
}

/** Terraform or its providers are not there: test/terraform/install.sh puts them there. */
export class NotInstalled extends Error {
  readonly code = "not-installed";
  readonly retryable = false;
}

export interface Rendered {
  /** Sensitive ones too. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Values of the resources, by address in the module: `aws_s3_object.clusters[0]`. */
  readonly resources: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

interface Shown {
  readonly values: { readonly root_module: { readonly child_modules: readonly { readonly resources: readonly { readonly address: string; readonly values: Readonly<Record<string, unknown>> }[] }[] } };
}

/**
 * What a module makes. Account, region and all else that is computed are those of values.json.
 * @param variables packages may be left out
 * @throws {NotInstalled}
 */
export function renderModule(name: string, variables: Readonly<Record<string, unknown>>): Rendered {
  const work = mkdtempSync(join(tmpdir(), "render-"));
  try {
    cpSync(join(here, "../../terraform/modules"), join(work, "terraform/modules"), { recursive: true });
    cpSync(join(here, "../../infra/crds"), join(work, "infra/crds"), { recursive: true });
    const root = join(work, "root");
    mkdirSync(root);
    const packages = Object.fromEntries(FUNCTIONS.map((one) => [one, join(here, "versions.env")]));
    const module = { source: `../terraform/modules/${name}`, ...(name === "aws" || name === "gcp" ? { packages } : {}), ...variables };
    writeFileSync(join(root, "main.tf.json"), JSON.stringify({ module: { it: module }, output: { it: { value: "${module.it}", sensitive: true } } }));
    writeFileSync(join(work, "terraformrc"), `provider_installation {\n  filesystem_mirror {\n    path = "${cache}/terraform-providers"\n  }\n}\n`);
    const env = { ...process.env, CHECKPOINT_DISABLE: "1", TF_INPUT: "0", TF_CLI_CONFIG_FILE: join(work, "terraformrc"), STUB_VALUES: join(here, "values.json") };
    const run = (...words: string[]): string => execFileSync(terraform, words, { cwd: root, env, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
    run("init", "-no-color");
    run("apply", "-auto-approve", "-no-color");
    const { values } = JSON.parse(run("show", "-json")) as Shown;
    const resources = values.root_module.child_modules.flatMap((one) => one.resources);
    return {
      outputs: JSON.parse(run("output", "-json", "it")) as Record<string, unknown>,
      resources: new Map(resources.map((one) => [one.address.replace(/^module\.it\./, ""), one.values])),
    };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") throw new NotInstalled(MISSING, { cause: error });
    throw error;
  } finally {
    rmSync(work, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const [name = "", variables = ""] = process.argv.slice(2);
  process.stdout.write(`${JSON.stringify(renderModule(name, JSON.parse(readFileSync(variables, "utf8")) as Record<string, unknown>).outputs, undefined, 2)}\n`);
}
