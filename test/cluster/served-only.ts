import { childOf, isObject, listOf, textOf } from "../support/json.ts";
import type { ClusterClient } from "./client.ts";
import { reference } from "./resource.ts";

const AGREEMENTS = 5;

/**
 * Makes a cluster serve one version only of a CRD, as an older one does, and waits until it does. What is returned
 * brings the others back.
 */
export async function serveOnly(client: ClusterClient, crd: string, version: string): Promise<() => Promise<void>> {
  const definition = reference("apiextensions.k8s.io/v1", "CustomResourceDefinition", crd);
  const before = (await client.get(definition)) ?? {};
  const spec = childOf(before, "spec");
  const versions = listOf(spec, "versions").filter(isObject);
  const serve = async (isServed: (name: string) => boolean): Promise<void> => {
    const patched = versions.map((one) => ({ ...one, served: isServed(textOf(one, "name")) }));
    await client.patch(definition, { spec: { versions: patched } });
    for (const one of patched) await until(client, textOf(spec, "group"), textOf(one, "name"), textOf(childOf(spec, "names"), "plural"), one.served);
  };
  await serve((name) => name === version);
  return () => serve((name) => versions.some((one) => one["name"] === name && one["served"] === true));
}

async function until(client: ClusterClient, group: string, version: string, plural: string, isServed: boolean): Promise<void> {
  const isSo = async (): Promise<boolean> => {
    const listed = await client.request("GET", `/apis/${group}/${version}`);
    const names = isObject(listed.body) ? listOf(listed.body, "resources").filter(isObject).map(({ name }) => name) : [];
    const { status } = await client.request("GET", `/apis/${group}/${version}/${plural}?limit=1`);
    const groups = await client.request("GET", "/apis");
    const isListed = JSON.stringify(groups.body).includes(`"${group}/${version}"`);
    return isServed ? status === 200 && names.includes(plural) && isListed : status === 404 && !names.includes(plural);
  };
  // What is listed and what is served change apart: it counts once it is so for a while.
  for (let agreed = 0; agreed < AGREEMENTS; ) {
    agreed = (await isSo()) ? agreed + 1 : 0;
    if (agreed < AGREEMENTS) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
