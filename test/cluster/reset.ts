import { textOf } from "../support/json.ts";
import type { ClusterClient } from "./client.ts";
import type { ServedKind } from "./discovery.ts";
import { RequestRefused } from "./errors.ts";
import { referenceTo, type Resource } from "./resource.ts";

/** What a cluster has when it starts; told by UID. */
export type Baseline = ReadonlySet<string>;

/** Kinds that the API server or the controller manager make by themselves, and that go with what they belong to. */
const DERIVED: ReadonlySet<string> = new Set(["Event", "Lease", "IPAddress", "APIService", "ComponentStatus", "ControllerRevision"]);
/** The controller manager makes these anew in every namespace that stays. */
const IN_EVERY_NAMESPACE: ReadonlySet<string> = new Set(["ConfigMap/kube-root-ca.crt", "ServiceAccount/default"]);
const LIMIT = 30_000;

/** Everything there is now. */
export async function takeBaseline(client: ClusterClient): Promise<Baseline> {
  return new Set((await everything(client)).map(({ metadata }) => metadata.uid));
}

/**
 * Deletes everything that was not there at the baseline, finalizers and all, and waits until it is gone. What writes to
 * the cluster must be stopped first.
 * @throws {Error} where something keeps coming back
 */
export async function resetTo(client: ClusterClient, baseline: Baseline): Promise<void> {
  const deadline = Date.now() + LIMIT;
  for (;;) {
    const left = foreign(await everything(client), baseline);
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`reset: ${left.length} objects stay, such as ${left[0]?.kind} ${left[0]?.metadata.name}`);
    // Namespaces first, so that no controller fills them again; then what is in them; then they may go.
    const [namespaces, others] = [left.filter(isNamespace), left.filter((one) => !isNamespace(one))];
    await Promise.all(namespaces.map((one) => remove(client, one)));
    await Promise.all(others.map((one) => remove(client, one)));
    if (others.length === 0) await Promise.all(namespaces.map((one) => finalize(client, one)));
  }
}

const isNamespace = ({ kind }: Resource): boolean => kind === "Namespace";

function foreign(objects: readonly Resource[], baseline: Baseline): Resource[] {
  const staying = new Set(objects.filter((one) => isNamespace(one) && baseline.has(one.metadata.uid)).map(({ metadata }) => metadata.name));
  const isRemade = ({ kind, metadata }: Resource): boolean =>
    IN_EVERY_NAMESPACE.has(`${kind}/${metadata.name}`) && staying.has(textOf(metadata, "namespace"));
  return objects.filter((one) => !baseline.has(one.metadata.uid) && !isRemade(one));
}

async function everything(client: ClusterClient): Promise<Resource[]> {
  const kinds = (await client.discovery.all()).filter(isCleared);
  return (await Promise.all(kinds.map((kind) => allOf(client, kind)))).flat();
}

async function allOf(client: ClusterClient, { apiVersion, kind }: ServedKind): Promise<Resource[]> {
  try {
    return await client.list(apiVersion, kind);
  } catch (error) {
    // A kind whose CRD is being deleted is still listed, and no longer served.
    if (error instanceof RequestRefused && error.status === 404) return [];
    throw error;
  }
}

function isCleared({ kind, verbs }: ServedKind): boolean {
  return !DERIVED.has(kind) && verbs.includes("list") && verbs.includes("delete");
}

async function remove(client: ClusterClient, object: Resource): Promise<void> {
  const path = await client.discovery.pathOf(referenceTo(object));
  if (object.metadata["finalizers"]) {
    await client.request("PATCH", path, { metadata: { finalizers: null } }, { contentType: "application/merge-patch+json" });
  }
  if (textOf(object.metadata, "deletionTimestamp") && object.kind !== "Pod") return;
  await client.request("DELETE", path, { propagationPolicy: "Background", gracePeriodSeconds: 0 });
}

/** Empties the namespace's own finalizers, as the namespace controller does once nothing is left in it. */
async function finalize(client: ClusterClient, namespace: Resource): Promise<void> {
  const path = await client.discovery.pathOf(referenceTo(namespace), "finalize");
  await client.request("PUT", path, { ...referenceTo(namespace), spec: { finalizers: [] } });
}
