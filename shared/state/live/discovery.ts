import * as z from "zod/mini";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { versionPath } from "../../kube/paths.ts";
import { KINDS, type KindInfo } from "../../resources/kinds.ts";

/** The `apiVersion` under which the cluster serves each kind that is read; a kind that it does not serve is missing. */
export type Served = ReadonlyMap<KindInfo, string>;

const resourceListSchema = z.looseObject({ resources: z.array(z.looseObject({ name: z.string() })) });

/**
 * Looks up which kinds are served and in which version, the first of the versions that we prefer (I21, I44). Core and
 * apps are always there.
 * @throws {KubeError} where the server does not say; that a version is not served (404) is an answer
 */
export async function discover(client: KubeClient): Promise<Served> {
  const extended = KINDS.filter((info) => !isBuiltIn(info));
  const versions = [...new Set(extended.flatMap((info) => info.versions.map((version) => `${info.group}/${version}`)))];
  const listed = new Map(await Promise.all(versions.map(async (version) => [version, await resourcesOf(client, version)] as const)));
  const served = new Map<KindInfo, string>();
  for (const info of KINDS) {
    const apiVersion = isBuiltIn(info)
      ? info.apiVersion
      : info.versions.map((version) => `${info.group}/${version}`).find((version) => listed.get(version)?.has(info.plural));
    if (apiVersion !== undefined) served.set(info, apiVersion);
  }
  return served;
}

function isBuiltIn({ group }: KindInfo): boolean {
  return group === "" || group === "apps";
}

async function resourcesOf(client: KubeClient, apiVersion: string): Promise<ReadonlySet<string>> {
  try {
    const { body } = await client.request({ method: "GET", path: versionPath(apiVersion) });
    return new Set(z.parse(resourceListSchema, body).resources.map((one) => one.name));
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return new Set();
    throw error;
  }
}
