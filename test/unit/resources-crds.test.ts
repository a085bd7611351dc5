import { execFile } from "node:child_process";
import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "../..");
const plurals = ["dataplanes", "gatewayconfigs", "staticservices", "udproutes"];

interface Column {
  name: string;
  jsonPath: string;
  type: string;
}
interface Version {
  name: string;
  served: boolean;
  storage: boolean;
  subresources?: object;
  additionalPrinterColumns?: Column[];
  schema: { openAPIV3Schema: Record<string, unknown> };
}
interface Crd {
  metadata: { name: string };
  spec: { group: string; names: object; scope: string; versions: Version[] };
}

async function crd(folder: string, plural: string): Promise<Crd> {
  return parse(await readFile(join(root, folder, `stunner.l7mp.io_${plural}.yaml`), "utf8")) as Crd;
}

/** Everything but words and the rules that repeat a pattern in words. */
function structure(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(structure);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key]) => key !== "x-kubernetes-validations" && key !== "description");
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (key === "properties") {
        return [key, Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, structure(one)]))];
      }
      return [key, key === "required" ? [...(value as string[])].sort() : structure(value)];
    }),
  );
}

/** Schemas of all fields, by path. */
function* fields(schema: Record<string, unknown>, path = ""): Generator<[string, Record<string, unknown>]> {
  yield [path, schema];
  for (const [name, field] of Object.entries((schema["properties"] ?? {}) as Record<string, Record<string, unknown>>)) {
    yield* fields(field, `${path}.${name}`);
  }
  for (const key of ["items", "additionalProperties"]) {
    const inner = schema[key] as Record<string, unknown> | undefined;
    if (inner) yield* fields(inner, `${path}[]`);
  }
}

function facts({ name, served, storage, subresources }: Version): object {
  return { name, served, storage, subresources: subresources ?? {} };
}

describe.each(plurals)("CRD %s", (plural) => {
  test("has the upstream's names, scope, versions and subresources", async () => {
    const [ours, theirs] = await Promise.all([crd("infra/crds", plural), crd("test/crds", plural)]);
    expect(ours.metadata.name).toBe(theirs.metadata.name);
    expect({ ...ours.spec, versions: [] }).toEqual({ ...theirs.spec, versions: [] });
    expect(ours.spec.versions.map(facts)).toEqual(theirs.spec.versions.map(facts));
  });

  test("has every field of the upstream with the same type, limits and default, and no field more", async () => {
    const [ours, theirs] = await Promise.all([crd("infra/crds", plural), crd("test/crds", plural)]);
    for (const [index, { schema }] of theirs.spec.versions.entries()) {
      expect(structure(ours.spec.versions[index]?.schema.openAPIV3Schema)).toEqual(structure(schema.openAPIV3Schema));
    }
  });

  test("shows the upstream's columns and more", async () => {
    const [ours, theirs] = await Promise.all([crd("infra/crds", plural), crd("test/crds", plural)]);
    for (const [index, { additionalPrinterColumns = [] }] of theirs.spec.versions.entries()) {
      const columns = ours.spec.versions[index]?.additionalPrinterColumns ?? [];
      expect(columns).toEqual(expect.arrayContaining(additionalPrinterColumns));
      // Columns of one's own take the place of the age that kubectl shows by itself.
      expect(columns.at(-1)).toEqual({ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" });
    }
  });

  test("describes every field but metadata and the items of lists", async () => {
    const { spec } = await crd("infra/crds", plural);
    for (const { schema } of spec.versions) {
      const bare = [...fields(schema.openAPIV3Schema)].filter(([path, field]) => !path.endsWith("[]") && !field["description"]);
      expect(bare.map(([path]) => path)).toEqual([".metadata"]);
    }
  });
});

test("UDPRoutes show whether they are accepted, StaticServices their addresses", async () => {
  const accepted = { name: "Accepted", type: "string", jsonPath: '.status.parents[*].conditions[?(@.type=="Accepted")].status' };
  const addresses = { name: "Addresses", type: "string", jsonPath: ".spec.prefixes[*]" };
  expect((await crd("infra/crds", "udproutes")).spec.versions[0]?.additionalPrinterColumns).toContainEqual(accepted);
  expect((await crd("infra/crds", "staticservices")).spec.versions[0]?.additionalPrinterColumns).toContainEqual(addresses);
});

test("a rule in words stands beside a pattern, is that pattern, and nowhere else", async () => {
  const found: [string, unknown][] = [];
  for (const plural of plurals) {
    for (const { name, schema } of (await crd("infra/crds", plural)).spec.versions) {
      for (const [path, field] of fields(schema.openAPIV3Schema)) {
        const rules = field["x-kubernetes-validations"] as { rule: string; message: string }[] | undefined;
        if (!rules) continue;
        expect(rules.map(({ rule }) => rule)).toEqual([`self.matches('${String(field["pattern"])}')`]);
        expect(rules[0]?.message).toMatch(/^must be one of /);
        found.push([`${plural} ${name} ${path}`, field["pattern"]]);
      }
    }
  }
  expect(found).toEqual([
    ["dataplanes v1 .spec.offloadEngine", "^None|XDP|TC|Auto$"],
    ["gatewayconfigs v1 .spec.authType", "^plaintext|static|longterm|ephemeral|timewindowed$"],
    ["gatewayconfigs v1alpha1 .spec.authType", "^plaintext|static|longterm|ephemeral|timewindowed$"],
  ]);
});

describe("npm run generate", () => {
  let copy: string;
  const generate = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    promisify(execFile)(process.execPath, [join(copy, "infra/generate.ts"), ...args]);

  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), "generate-"));
    for (const folder of ["infra/generate", "infra/crds", "shared/resources"]) {
      await cp(join(root, folder), join(copy, folder), { recursive: true });
    }
    await copyFile(join(root, "infra/generate.ts"), join(copy, "infra/generate.ts"));
    await copyFile(join(root, "package.json"), join(copy, "package.json"));
    await cp(join(root, "node_modules/zod"), join(copy, "node_modules/zod"), { recursive: true });
    await cp(join(root, "node_modules/yaml"), join(copy, "node_modules/yaml"), { recursive: true });
  });
  afterEach(() => rm(copy, { recursive: true }));

  test("the files of the project are up to date", async () => {
    await expect(generate("--check")).resolves.toMatchObject({ stderr: "" });
  });

  test("--check names stale, missing and superfluous files, fails, and writes nothing; a plain run mends them", async () => {
    const folder = join(copy, "infra/crds");
    await writeFile(join(folder, "stunner.l7mp.io_dataplanes.yaml"), "stale\n");
    await rm(join(folder, "stunner.l7mp.io_udproutes.yaml"));
    await writeFile(join(folder, "stray.yaml"), "");
    const failure = await generate("--check").then(() => ({ code: 0, stderr: "" }), (error: { code: number; stderr: string }) => error);
    expect(failure.code).toBe(1);
    expect(failure.stderr.match(/[a-z.\d_]+\.yaml/g)).toEqual([
      "stray.yaml",
      "stunner.l7mp.io_dataplanes.yaml",
      "stunner.l7mp.io_udproutes.yaml",
    ]);
    expect(await readFile(join(folder, "stunner.l7mp.io_dataplanes.yaml"), "utf8")).toBe("stale\n");
    await generate();
    await rm(join(folder, "stray.yaml"));
    await expect(generate("--check")).resolves.toMatchObject({ stderr: "" });
  });

  test("a schema that changes makes the files stale", async () => {
    const file = join(copy, "shared/resources/constants.ts");
    await writeFile(file, (await readFile(file, "utf8")).replace('DEFAULT_REALM = "stunner.l7mp.io"', 'DEFAULT_REALM = "example.org"'));
    await expect(generate("--check")).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("gatewayconfigs") });
  });
});
