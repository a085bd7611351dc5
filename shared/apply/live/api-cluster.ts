import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { objectPath } from "../../kube/paths.ts";
import { FIELD_MANAGER } from "../../render/managed-fields.ts";
import type { DesiredObject } from "../../render/result.ts";
import type { ClusterState } from "../../resources/cluster.ts";
import { clusterState } from "../../state/cluster-state.ts";
import { kubeObjectSchema, type KubeObject } from "../../resources/meta.ts";
import { loadLive, type LiveState, type LoadOptions } from "../../state/live/load.ts";
import type { Served } from "../../state/live/discovery.ts";
import { ClusterError, unguarded, type Cluster, type Written } from "../cluster.ts";
import { sameJson, type JsonObject } from "../json.ts";
import { objectKey } from "../ownership.ts";
import { settleStatus } from "../settle-status.ts";
import { toClusterError } from "./cluster-error.ts";
import { differences } from "./differences.ts";
import { liveObject, liveObjects } from "./live-objects.ts";
import { managedEntries, releasedFields } from "./owned-fields.ts";
import { isOurs, takenOver } from "./take-over.ts";

export interface ApiClusterOptions extends LoadOptions {
  readonly client: KubeClient;
  /** Which kinds the cluster serves; may be cached by the caller. */
  readonly discover: () => Promise<Served>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Writes are judged by the server and not kept. */
  readonly dryRun?: boolean;
  /** Told what a load found, for the relevance of events. */
  readonly onLoad?: (live: LiveState) => void;
}

/** A cluster behind an API server: server-side apply with one field manager, statuses with optimistic concurrency (I25). */
export function createApiCluster(options: ApiClusterOptions): Cluster {
  const { client, now } = options;
  const query = { fieldManager: FIELD_MANAGER, ...(options.dryRun ? { dryRun: "All" } : {}) };
  let state: ClusterState = clusterState([]);
  let live: ReadonlyMap<string, KubeObject> = new Map();

  let beforeWrite = unguarded;

  async function apply(object: DesiredObject, resourceVersion: string | undefined): Promise<KubeObject> {
    await beforeWrite();
    const metadata = { ...object.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    const { body } = await client.request({
      method: "PATCH",
      path: objectPath(refOf(object)),
      query: { ...query, force: "true" },
      contentType: "application/apply-patch+yaml",
      body: { ...object, metadata },
    });
    return kubeObjectSchema.parse(body);
  }

  /** Moves ownership first, so that the apply that follows takes out what is not ours. */
  async function takeOver(object: KubeObject, managedFields: readonly unknown[]): Promise<KubeObject> {
    await beforeWrite();
    const { body } = await client.request({
      method: "PATCH",
      path: objectPath(refOf(object)),
      query,
      contentType: "application/json-patch+json",
      body: [
        { op: "replace", path: "/metadata/managedFields", value: managedFields },
        { op: "replace", path: "/metadata/resourceVersion", value: object.metadata.resourceVersion },
      ],
    });
    return kubeObjectSchema.parse(body);
  }

  async function write(object: DesiredObject, leave: boolean): Promise<Written> {
    // What bears no label of ours was not in the lists; it may stand there nevertheless.
    const known = live.get(objectKey(object)) ?? (await getIfThere(client, object));
    if (!known) {
      if (leave) return { operation: "drifted" };
      await apply(object, undefined);
      return { operation: "created" };
    }
    const different = differences(known as JsonObject, object as unknown as JsonObject);
    const managed = takenOver(known);
    if (different.length === 0 && !managed && !releases(known, object)) return { operation: "unchanged" };
    if (leave) return { operation: "drifted", differences: different };
    const taken = managed ? await takeOver(known, managed) : known;
    const written = await apply(object, taken.metadata.resourceVersion);
    const isSame = written.metadata.resourceVersion === known.metadata.resourceVersion;
    return { operation: isSame ? "unchanged" : "updated", differences: different, rollsPods: rollsPods(known, written) };
  }

  return {
    async load(guard = unguarded) {
      beforeWrite = guard;
      const loaded = await guarded(async () => loadLive(client, await options.discover(), options));
      ({ state } = loaded);
      live = liveObjects(state);
      options.onLoad?.(loaded);
      return { state, problems: loaded.problems, unread: loaded.unread, unknown: loaded.unread, garbage: [], clusterUid: loaded.clusterUid };
    },
    write: (object, leave = false) => guarded(() => write(object, leave)),
    writeStatus: (desired) =>
      guarded(async () => {
        const object = liveObject(state, desired);
        if (!object) return { operation: "unchanged" };
        const status = settleStatus(object["status"], desired.status, now());
        if (sameJson(object["status"], status)) return { operation: "unchanged" };
        await beforeWrite();
        await client.request({ method: "PUT", path: objectPath(refOf(object), "status"), query, body: { ...object, status } });
        return { operation: "updated" };
      }),
    remove: (deletion) =>
      guarded(async () => {
        const { uid, resourceVersion } = deletion;
        const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
        const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background", preconditions, ...(options.dryRun ? { dryRun: ["All"] } : {}) };
        await beforeWrite();
        await client.request({ method: "DELETE", path: objectPath(deletion), body }).catch(ignoreMissing);
      }),
  };
}

const refOf = ({ apiVersion, kind, metadata: { namespace, name } }: KubeObject) => ({ apiVersion, kind, name, ...(namespace ? { namespace } : {}) });

async function getIfThere(client: KubeClient, object: DesiredObject): Promise<KubeObject | undefined> {
  const answer = await client.request({ method: "GET", path: objectPath(refOf(object)) }).catch(ignoreMissing);
  return answer && kubeObjectSchema.parse(answer.body);
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof KubeError && error.status === 404) return undefined;
  throw error;
}

/** Whether our last apply owned something that this one does not mention. */
function releases(known: KubeObject, object: DesiredObject): boolean {
  return managedEntries(known).some((entry) => isOurs(entry) && releasedFields((entry.fieldsV1 ?? {}) as JsonObject, object).length > 0);
}

/** A Deployment or DaemonSet replaces its pods when their template changes. */
function rollsPods(before: KubeObject, after: KubeObject): boolean {
  return (before.kind === "Deployment" || before.kind === "DaemonSet") && !sameJson(templateOf(before), templateOf(after));
}

function templateOf(workload: KubeObject): unknown {
  return (workload["spec"] as { template?: unknown } | undefined)?.template;
}

async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof ClusterError ? error : toClusterError(error);
  }
}
