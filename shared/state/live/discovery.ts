import * as z from "zod/mini";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { versionPath } from "../../kube/paths.ts";
import { KINDS, type KindInfo } from "../../resources/kinds.ts";

/** The `apiVersion` under which the cluster serves each kind that is read; a kind that it does not serve is missing. */
export type Served = ReadonlyMap<KindInfo, string>;

const groupListSchema = z.looseObject({
  kind: z.literal("APIGroupList"),
  groups: z.array(z.looseObject({ versions: z.array(z.looseObject({ groupVersion: z.string() })) })),
});
const resourceListSchema = z.looseObject({ kind: z.literal("APIResourceList"), resources: z.array(z.looseObject({ name: z.string() })) });

/**
 * Looks up which kinds are served and in which version, the first of the versions that we prefer (I21, I44). Core and
 * apps are always there. Only what the server lists counts: that some path is not found says nothing (DESIGN.md 2).
 * @throws {KubeError} where the server does not say
 */
export async function discover(client: KubeClient): Promise<Served> {
  const { groups } = await read(client, "/apis", groupListSchema);
  const listed = new Set(groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion)));
  const wanted = new Set(KINDS.filter((info) => !isBuiltIn(info)).flatMap(versionsOf));
  const resources = new Map(
    await Promise.all(
      [...wanted].filter((version) => listed.has(version)).map(async (version) => [version, await resourcesOf(client, version)] as const),
    ),
  );
  const served = new Map<KindInfo, string>();
  for (const info of KINDS) {
    const apiVersion = isBuiltIn(info) ? info.apiVersion : versionsOf(info).find((version) => resources.get(version)?.has(info.plural));
    if (apiVersion !== undefined) served.set(info, apiVersion);
  }
  return served;
}

export function isBuiltIn({ group }: KindInfo): boolean {
  return group === "" || group === "apps";
}

/** `udproutes.gateway.networking.k8s.io`, the name of a kind in reports; `services` in the core group. */
export function resourceName({ plural, group }: KindInfo): string {
  return group === "" ? plural : `${plural}.${group}`;
}

function versionsOf({ group, versions }: KindInfo): string[] {
  return versions.map((version) => `${group}/${version}`);
}

async function resourcesOf(client: KubeClient, apiVersion: string): Promise<ReadonlySet<string>> {
  const { resources } = await read(client, versionPath(apiVersion), resourceListSchema);
  return new Set(resources.map(({ name }) => name));
}

async function read<S extends z.ZodMiniType>(client: KubeClient, path: string, schema: S): Promise<z.infer<S>> {
  const { body } = await client.request({ method: "GET", path });
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new KubeError(`GET ${path}: the answer is no list of what is served`, { code: "BadAnswer", status: 0, retryable: true });
}
