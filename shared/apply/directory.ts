import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Deletion, DesiredObject } from "../render/result.ts";
import { groupOf } from "../resources/kinds.ts";
import type { KubeObject } from "../resources/meta.ts";
import { clusterState } from "../state/cluster-state.ts";
import type { Manifests } from "../state/directory/load-manifests.ts";
import { ManifestReadError } from "../state/directory/manifest-read-error.ts";
import { ClusterError, unguarded } from "./cluster.ts";
import type { Cluster, LoadedCluster, Written } from "./cluster.ts";
import { fieldDifferences } from "./directory/field-differences.ts";
import { createAppliedRecords } from "./directory/applied-records.ts";
import { checkObject } from "./directory/check-object.ts";
import { fitService } from "./directory/fit-service.ts";
import { idOf } from "./directory/garbage.ts";
import { createManifestReader } from "./directory/manifest-reader.ts";
import type { Changed } from "./directory/manifest-reader.ts";
import { pathOf } from "./directory/paths.ts";
import { toProblems } from "./directory/problems.ts";
import { createReadHistory } from "./directory/read-history.ts";
import { createSettled } from "./directory/settled.ts";
import { takeSnapshot } from "./directory/snapshot.ts";
import type { Snapshot } from "./directory/snapshot.ts";
import { removeFile, replaceFile } from "./directory/write-file.ts";
import { yamlText } from "./directory/yaml-text.ts";
import { sameJson } from "./json.ts";
import { overlay } from "./overlay.ts";
import { settleStatus } from "./settle-status.ts";

export interface DirectoryOptions {
  /** The user's manifests: only read. */
  readonly manifests: string;
  /** Where objects and statuses are written, as `Kind/namespace/name.yaml`, and read back. Made where it is missing. */
  readonly out: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What may have changed in either directory since the last call; without it everything is read each time. */
  readonly changed?: () => Changed;
}

const UNCHANGED: Written = { operation: "unchanged" };

/**
 * Two directories as a cluster: what the user wrote, and what we made of it. What is written is input to the next pass,
 * so that what the user changes there (the address of a Service, a label) is as good as another controller's write.
 */
export function createDirectoryCluster({ manifests, out, now, changed = () => "all" }: DirectoryOptions): Cluster {
  const records = createAppliedRecords(out);
  const gapsOfManifests = createReadHistory(manifests);
  const gapsOfOut = createReadHistory(out);
  const readManifests = createManifestReader(manifests);
  const readOut = createManifestReader(out);
  const settled = createSettled();
  let made: Manifests | undefined;
  /** Whether hints were taken and not followed. */
  let isBehind = true;
  let snapshot: Snapshot = takeSnapshot([], []);

  let beforeWrite = unguarded;

  async function load(guard = unguarded): Promise<LoadedCluster> {
    beforeWrite = guard;
    const hints = changed();
    const paths = isBehind ? "all" : hints;
    isBehind = true;
    const given = await read(() => readManifests(paths));
    await mkdir(out, { recursive: true }).catch((cause: unknown) => {
      throw new ClusterError(`${out} cannot be made`, { code: "NotWritten", retryable: true, cause });
    });
    made = await read(() => readOut(paths));
    isBehind = false;
    snapshot = takeSnapshot(given.objects, [...made.loaded.values()].map(({ object }) => object));
    const [ofUser, ours] = [gapsOfManifests(given), gapsOfOut(made)];
    return {
      state: clusterState(snapshot.objects.values()),
      problems: [...toProblems(given.problems, manifests), ...toProblems(made.problems, out)],
      unread: [...ofUser.unread, ...ours.unread.map((path) => `--out/${path}`)],
      unknown: [...ofUser.unknown, ...ours.unknown.map((path) => `--out/${path}`)],
      garbage: snapshot.garbage.map(deletionOf),
    };
  }

  /** A file that somebody has changed since it was loaded, or that could not be understood, is not written over. */
  async function replace(path: string, object: object): Promise<void> {
    const file = join(out, path);
    const loaded = made?.files.get(file);
    const present = await readFile(file, "utf8").catch(() => undefined);
    if (present !== loaded?.text) {
      throw new ClusterError(`${path} was changed meanwhile; the next pass reads it`, { code: "Conflict", retryable: true });
    }
    if (loaded?.unclear || loaded?.refused.length) throw new ClusterError(`${path} cannot be understood; mend or remove it`, { code: "Unread", retryable: true });
    await beforeWrite();
    await replaceFile(file, yamlText(object));
  }

  return {
    load,

    async write(object, leave = false) {
      const path = pathOf({ ...object, ...object.metadata });
      const id = idOf(object);
      const present = snapshot.written.get(id);
      const given = snapshot.given.get(id);
      if (settled.has(path, [present, given], object)) return UNCHANGED;
      const last = await records.read(path);
      // What the manifests hold has nothing of ours in it that could go.
      const merged = fitService(overlay(snapshot.objects.get(id), given ? undefined : last, object), object);
      const isSame = present !== undefined && sameJson(present, merged);
      if (leave && !isSame) return { operation: "drifted", differences: present ? fieldDifferences(present, object) : [] };
      if (!isSame) {
        checkObject(merged);
        await replace(path, merged);
      }
      if (!sameJson(last, object)) await records.write(path, object);
      if (!isSame) return { operation: present ? "updated" : "created", rollsPods: rollsPods(present, merged) };
      settled.add(path, [present, given], object);
      return UNCHANGED;
    },

    async writeStatus(desired) {
      const path = pathOf(desired);
      const id = `${groupOf(desired.apiVersion)}/${desired.kind}/${desired.namespace ?? ""}/${desired.name}`;
      const object = snapshot.objects.get(id);
      const present = snapshot.written.get(id);
      const seen = [present, snapshot.given.get(id)];
      if (!object || settled.has(path, seen, desired.status)) return UNCHANGED;
      const status = settleStatus(object["status"], desired.status, now());
      const whole = { ...object, status };
      if (!sameJson(present, whole)) await replace(path, whole);
      else settled.add(path, seen, desired.status);
      if (sameJson(present?.["status"], status)) return UNCHANGED;
      return { operation: present ? "updated" : "created" };
    },

    async remove(deletion) {
      const path = pathOf(deletion);
      await beforeWrite();
      await removeFile(out, join(out, path));
      await records.remove(path);
    },

    async tidy() {
      for (const object of snapshot.stale) await removeFile(out, join(out, pathOf({ ...object, ...object.metadata })));
    },
  };
}

async function read(load: () => Promise<Manifests>): Promise<Manifests> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof ManifestReadError)) throw error;
    throw new ClusterError(`${error.message}; everything stays as it is`, { code: "Unreadable", retryable: true, cause: error });
  }
}

function deletionOf({ apiVersion, kind, metadata: { namespace = "", name } }: KubeObject): Deletion {
  return { apiVersion, kind, namespace, name };
}

/** A Deployment or DaemonSet replaces its pods when their template changes. */
function rollsPods(before: KubeObject | undefined, after: DesiredObject): boolean {
  return before !== undefined && ["Deployment", "DaemonSet"].includes(after.kind) && !sameJson(templateOf(before), templateOf(after));
}

function templateOf(workload: KubeObject): unknown {
  return (workload["spec"] as { template?: unknown } | undefined)?.template;
}
