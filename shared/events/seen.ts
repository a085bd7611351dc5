import type { ClusterState } from "../resources/cluster.ts";
import type { KubeClient } from "../kube/client.ts";
import { groupOf } from "../resources/kinds.ts";
import type { KubeObject } from "../resources/meta.ts";
import { type Change, CRD_GROUP, kindKey } from "./change.ts";

/**
 * Which versions of objects a pass has had before it, so that the news of them is none: a watch tells of a change when
 * the pass that another event asked for has read it, and of every status that we write.
 */
export interface Seen {
  /** What a pass has read. @param complete false: something could not be read, so nothing is known */
  loaded(state: ClusterState, complete: boolean): void;
  /** An object as the API server answered to a write of ours from which nothing new can follow. */
  wrote(object: unknown): void;
  has(change: Change): boolean;
}

export function createSeen(): Seen {
  let isKnown = false;
  let versions: ReadonlyMap<string, string> = new Map();
  let names: ReadonlySet<string> = new Set();
  /** Writes of ours by UID; those before a load are in what it read. */
  let written = new Map<string, string>();
  function isThere(change: Change): boolean {
    return change.uid === undefined ? names.has(nameOf(change)) : versions.has(change.uid);
  }

  return {
    loaded(state, complete) {
      isKnown = complete;
      const objects = complete ? [...objectsIn(state)] : [];
      versions = new Map(objects.flatMap((object) => versionIn(object)));
      names = new Set(objects.map(({ apiVersion, kind, metadata }) => nameOf({ group: groupOf(apiVersion), kind, ...metadata })));
      written = new Map();
    },
    wrote(object) {
      const [version] = versionIn(object);
      if (version) written.set(...version);
    },
    has(change) {
      if (!isKnown) return false;
      if (change.operation === "delete") return isReadWhole(change) && !isThere(change);
      const { uid = "", resourceVersion } = change;
      return resourceVersion !== undefined && (versions.get(uid) === resourceVersion || written.get(uid) === resourceVersion);
    },
  };
}

/** A client whose status writes are remembered: nothing new follows from a status of ours. */
export function rememberStatusWrites(client: KubeClient, seen: Pick<Seen, "wrote">): KubeClient {
  return {
    ...client,
    async request(request) {
      const answer = await client.request(request);
      const isKept = request.method === "PUT" && request.path.endsWith("/status") && request.query?.["dryRun"] === undefined;
      if (isKept) seen.wrote(answer.body);
      return answer;
    },
  };
}

/** What was not there when everything was read has not gone since; of workloads and CRDs not everything is read. */
function isReadWhole({ group, name }: Change): boolean {
  return group !== "apps" && group !== CRD_GROUP && name !== "";
}

function nameOf(object: { readonly group: string; readonly kind: string; readonly namespace?: string | undefined; readonly name: string }): string {
  return `${kindKey(object)}/${object.namespace ?? ""}/${object.name}`;
}

function* objectsIn(state: ClusterState): Iterable<KubeObject> {
  const { gatewaysByClass: _classes, slicesByService: _slices, servicesByGateway: _services, grantsByNamespace: _grants, ...kinds } = state;
  for (const objects of Object.values(kinds)) yield* objects.values();
}

/** UID and resourceVersion, in a list so that it can be left out. */
function versionIn(object: unknown): readonly (readonly [string, string])[] {
  const { uid, resourceVersion } = (object as { metadata?: { uid?: unknown; resourceVersion?: unknown } } | undefined)?.metadata ?? {};
  return typeof uid === "string" && typeof resourceVersion === "string" ? [[uid, resourceVersion]] : [];
}
