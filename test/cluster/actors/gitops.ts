import { childOf, isObject, sameJson, textOf, toJsonObject, type Json, type JsonObject } from "../../support/json.ts";
import type { Cluster } from "../cluster.ts";
import type { Manifest, Reference, Resource } from "../resource.ts";
import { startActor, type Actor } from "./actor.ts";

const USER = "gitops";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const INSTANCE = "app.kubernetes.io/instance";

/**
 * A GitOps tool that applies on the client, as `kubectl apply` does: it keeps each manifest's fields as Git has them,
 * adds its tracking label and notes the manifest in the last-applied annotation. A manifest may hold only some fields of
 * an object that others make.
 */
export async function startGitOps(cluster: Cluster, manifests: readonly Reference[], instance = "platform"): Promise<Actor> {
  const client = await cluster.as({ user: USER, groups: ["system:masters"] });
  const wanted = manifests.map((manifest) => withTracking(toJsonObject(manifest), instance));
  const kinds = new Map(wanted.map((one) => [`${textOf(one, "apiVersion")}/${textOf(one, "kind")}`, one]));
  return startActor(
    client,
    [...kinds.values()].map((one) => ({
      apiVersion: textOf(one, "apiVersion"),
      kind: textOf(one, "kind"),
      async act(live, type) {
        const manifest = wanted.find((each) => isSame(each, live));
        if (type === "DELETED" || !manifest || contains(live, manifest)) return;
        await client.patch(manifest as unknown as Manifest, manifest, { fieldManager: USER });
      },
    })),
  );
}

function withTracking(manifest: JsonObject, instance: string): JsonObject {
  const metadata = childOf(manifest, "metadata");
  const labels = { ...childOf(metadata, "labels"), [INSTANCE]: instance };
  const annotations = childOf(metadata, "annotations");
  const applied = { ...manifest, metadata: { ...metadata, labels } };
  return { ...applied, metadata: { ...applied.metadata, annotations: { ...annotations, [LAST_APPLIED]: `${JSON.stringify(applied)}\n` } } };
}

function isSame(manifest: JsonObject, live: Resource): boolean {
  const metadata = childOf(manifest, "metadata");
  const namespace = textOf(metadata, "namespace") || (live.metadata["namespace"] ? "default" : "");
  const [ours, theirs] = [textOf(manifest, "kind"), live.kind];
  return ours === theirs && metadata["name"] === live.metadata.name && namespace === textOf(live.metadata, "namespace");
}

/** Whether every field of the manifest is so in the live object; lists are compared as a whole. */
function contains(live: Json | undefined, manifest: Json): boolean {
  if (!isObject(manifest)) return sameJson(live, manifest);
  return isObject(live) && Object.entries(manifest).every(([key, value]) => contains(live[key], value));
}
