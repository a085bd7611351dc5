import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { childOf, isObject, listOf, textOf, type JsonObject } from "../support/json.ts";
import type { ClusterClient } from "./client.ts";
import type { Reference } from "./resource.ts";

/** The project's own CRDs. */
export const PROJECT_CRDS = join(import.meta.dirname, "../../infra/crds");

export type CustomResourceDefinition = JsonObject & Reference;

/** Every CRD in a directory of YAML files. */
export function readCrds(directory: string): CustomResourceDefinition[] {
  const files = readdirSync(directory).filter((file) => file.endsWith(".yaml"));
  return files.sort().map((file) => parse(readFileSync(join(directory, file), "utf8")) as CustomResourceDefinition);
}

/** Creates CRDs and waits until the API server serves every version of them. */
export async function installCrds(client: ClusterClient, crds: readonly CustomResourceDefinition[]): Promise<void> {
  await Promise.all(crds.map((crd) => client.create(crd)));
  await Promise.all(crds.map((crd) => isEstablished(client, crd)));
  await Promise.all(crds.flatMap(pathsOf).map((path) => isServed(client, path)));
}

async function isEstablished(client: ClusterClient, crd: CustomResourceDefinition): Promise<void> {
  const path = await client.discovery.pathOfAll(crd.apiVersion, crd.kind);
  for await (const { object } of client.watch(`${path}?fieldSelector=metadata.name=${crd.metadata.name}`)) {
    const conditions = listOf(childOf(object, "status"), "conditions").filter(isObject);
    if (conditions.some(({ type, status }) => type === "Established" && status === "True")) return;
  }
}

/** The handler of a new version may come a moment after the condition; until then the answer is 404. */
async function isServed(client: ClusterClient, path: string): Promise<void> {
  while ((await client.request("GET", path)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 10));
}

function pathsOf(crd: CustomResourceDefinition): string[] {
  const spec = childOf(crd, "spec");
  const served = listOf(spec, "versions").filter(isObject).filter((version) => version["served"] === true);
  const plural = textOf(childOf(spec, "names"), "plural");
  return served.map((version) => `/apis/${textOf(spec, "group")}/${textOf(version, "name")}/${plural}?limit=1`);
}
