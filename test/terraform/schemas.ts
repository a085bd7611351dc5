// Takes the schemas of the resources and data sources that terraform/ uses out of the cdktf provider packages, which were
// generated from the real providers, and writes them to schemas/*.json. `node test/terraform/schemas.ts [--check]`:
// --check asks for nothing and only says whether every type in use is there.
import { execFileSync } from "node:child_process";
import { mkdtempSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { inUse, PROVIDERS, type ProviderName } from "./extract/in-use.ts";
import { readClass, UnknownForm } from "./extract/read-class.ts";
import { readProvider } from "./extract/read-provider.ts";
import type { Block, ProviderSchema } from "./extract/schema.ts";

/** The last ones: cdktf is no longer developed. */
const PACKAGES: Readonly<Record<ProviderName, string>> = {
  aws: "@cdktf/provider-aws@21.22.1",
  google: "@cdktf/provider-google@16.12.1",
  kubernetes: "@cdktf/provider-kubernetes@12.1.1",
  random: "@cdktf/provider-random@12.0.1",
};

const root = join(import.meta.dirname, "../..");
const isCheck = process.argv.includes("--check");

for (const provider of PROVIDERS) {
  const file = join(import.meta.dirname, `schemas/${provider}.json`);
  const { resources, dataSources } = inUse(provider, root);
  if (isCheck) {
    const { resource_schemas, data_source_schemas } = JSON.parse(readFileSync(file, "utf8")) as ProviderSchema;
    const missing = [...[...resources].filter((type) => !(type in resource_schemas)), ...[...dataSources].filter((type) => !(type in data_source_schemas))];
    const idle = [...Object.keys(resource_schemas).filter((type) => !resources.has(type)), ...Object.keys(data_source_schemas).filter((type) => !dataSources.has(type))];
    if (missing.length + idle.length === 0) continue;
    process.stderr.write(`schemas/${provider}.json: missing ${missing.join(", ") || "nothing"}; not used ${idle.join(", ") || "nothing"}. node test/terraform/schemas.ts\n`);
    process.exitCode = 1;
    continue;
  }
  const directory = mkdtempSync(join(tmpdir(), "schemas-"));
  try {
    const schema = extract(provider, directory, resources, dataSources);
    writeFileSync(file, `${JSON.stringify(schema, undefined, 1)}\n`);
    process.stdout.write(`${provider} ${schema.version}: ${resources.size} resources, ${dataSources.size} data sources\n`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function extract(provider: ProviderName, directory: string, resources: ReadonlySet<string>, dataSources: ReadonlySet<string>): ProviderSchema {
  const from = PACKAGES[provider];
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--silent", from], { cwd: directory, encoding: "utf8" })) as { filename: string; integrity: string }[];
  if (packed === undefined) throw new UnknownForm(from);
  execFileSync("tar", ["xzf", packed.filename, "--wildcards", "package/package.json", "package/lib/*/*.js"], { cwd: directory });
  const { cdktf } = JSON.parse(readFileSync(join(directory, "package/package.json"), "utf8")) as { cdktf: { provider: { version: string } } };
  const classes = new Map<string, () => Block>();
  for (const path of globSync("package/lib/*/index.js", { cwd: directory })) {
    const text = readFileSync(join(directory, path), "utf8");
    const [, name = "", type = ""] = /^(\w+)\.tfResourceType = "(\w+)";$/m.exec(text) ?? [];
    const isData = name.startsWith("Data") && path.includes("/data-");
    classes.set(`${isData ? "data" : "resource"} ${type}`, () => readClass(sourcesOf(join(directory, path), text), name));
  }
  const read = (kind: string, types: ReadonlySet<string>): Record<string, Block> =>
    Object.fromEntries([...types].sort().map((type) => {
      const one = classes.get(`${kind} ${type}`);
      if (one === undefined) throw new UnknownForm(`${from} has no ${kind} ${type}`);
      return [type, one()];
    }));
  return {
    from,
    integrity: packed.integrity,
    version: cdktf.provider.version,
    provider: readProvider(sourceOf(readFileSync(join(directory, "package/lib/provider/index.js"), "utf8"))),
    resource_schemas: read("resource", resources),
    data_source_schemas: read("data", dataSources),
  };
}

/** With that of its parts: long ones are cut into files. */
function sourcesOf(path: string, text: string): string {
  const parts = globSync("index-structs/structs*.js", { cwd: dirname(path) }).sort();
  return [sourceOf(text), ...parts.map((part) => sourceOf(readFileSync(join(dirname(path), part), "utf8")))].join("\n");
}

/** The TypeScript, which the JavaScript carries in its source map. */
function sourceOf(text: string): string {
  const [, map] = /sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,(\S+)/.exec(text) ?? [];
  const { sourcesContent } = JSON.parse(Buffer.from(map ?? "", "base64").toString() || "{}") as { sourcesContent?: string[] };
  if (sourcesContent?.[0] === undefined) throw new UnknownForm("no source map");
  return sourcesContent[0];
}
