import { isObject, listOf, textOf, type JsonObject } from "../support/json.ts";
import { RequestRefused } from "./errors.ts";
import type { Reference } from "./resource.ts";
import type { Transport } from "./transport.ts";

/** What the API server says of a kind that it serves. */
export interface ServedKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** Which kinds the API server serves, asked where not known yet. */
export interface Discovery {
  /** @throws {RequestRefused} where the kind is not served */
  kind(apiVersion: string, kind: string): Promise<ServedKind>;
  /** Path of an object, `default` where a namespace is needed and none given. */
  pathOf(reference: Reference, subresource?: string): Promise<string>;
  /** Path of all objects of a kind, in one namespace or all. */
  pathOfAll(apiVersion: string, kind: string, namespace?: string): Promise<string>;
  /** Every kind once, in its preferred version where it is served at that. */
  all(): Promise<ServedKind[]>;
}

export function createDiscovery(transport: Transport): Discovery {
  const known = new Map<string, ServedKind>();
  const read = async (path: string): Promise<JsonObject> => {
    const answer = await transport.send("GET", path);
    if (answer.status !== 200 || !isObject(answer.body)) throw new RequestRefused("GET", path, answer);
    return answer.body;
  };
  const kindsOf = async (apiVersion: string): Promise<ServedKind[]> => {
    const resources = listOf(await read(rootOf(apiVersion)), "resources").filter(isObject);
    return resources.filter((one) => !textOf(one, "name").includes("/")).map((one) => servedKind(apiVersion, one));
  };
  /** The group of a CRD that has just been deleted may still be listed. */
  const kindsIfServed = (apiVersion: string): Promise<ServedKind[]> =>
    kindsOf(apiVersion).catch((error: unknown) => {
      if (error instanceof RequestRefused && error.status === 404) return [];
      throw error;
    });
  const kind = async (apiVersion: string, name: string): Promise<ServedKind> => {
    const key = `${apiVersion}/${name}`;
    if (!known.has(key)) for (const one of await kindsOf(apiVersion)) known.set(`${apiVersion}/${one.kind}`, one);
    const found = known.get(key);
    if (found) return found;
    throw new RequestRefused("GET", rootOf(apiVersion), { status: 404, body: { message: `${key} is not served`, reason: "NotFound" } });
  };
  const pathOfAll = async (apiVersion: string, name: string, namespace?: string): Promise<string> => {
    const { plural, namespaced } = await kind(apiVersion, name);
    return `${rootOf(apiVersion)}${namespaced && namespace !== undefined ? `/namespaces/${namespace}` : ""}/${plural}`;
  };
  return {
    kind,
    pathOfAll,
    async pathOf({ apiVersion, kind: name, metadata }, subresource) {
      const all = await pathOfAll(apiVersion, name, metadata.namespace ?? "default");
      return `${all}/${encodeURIComponent(metadata.name)}${subresource === undefined ? "" : `/${subresource}`}`;
    },
    async all() {
      const groups = listOf(await read("/apis"), "groups").filter(isObject);
      const versions = groups.flatMap((group) => [group["preferredVersion"] ?? null, ...listOf(group, "versions")]).filter(isObject);
      const kinds = (await Promise.all(["v1", ...new Set(versions.map((one) => textOf(one, "groupVersion")))].map(kindsIfServed))).flat();
      // Preferred versions come first; some kinds are served at another one only.
      const byName = new Map(kinds.toReversed().map((one) => [`${one.apiVersion.split("/").slice(0, -1).join()}/${one.plural}`, one]));
      return [...byName.values()];
    },
  };
}

function servedKind(apiVersion: string, one: JsonObject): ServedKind {
  const verbs = listOf(one, "verbs").filter((verb) => typeof verb === "string");
  return { apiVersion, kind: textOf(one, "kind"), plural: textOf(one, "name"), namespaced: one["namespaced"] === true, verbs };
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
