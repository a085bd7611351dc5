import { normaliseConfig, normaliseObject, normaliseStatus } from "../../golden/normalise.ts";
import type { Outcome } from "../../golden/comparable.ts";
import { settingsOf, type Scenario, type Settings, type Step } from "../../golden/scenario.ts";
import { textOf, toJson, type JsonObject } from "../../support/json.ts";
import type { Cluster } from "../cluster.ts";
import { createControlPlane, type LiveControlPlane } from "../live-control-plane.ts";
import { reference, type Manifest, type Resource } from "../resource.ts";

export interface PlayedStep {
  readonly outcome: Outcome;
  /** Writes of ours that the API server refused in the last pass. */
  readonly refused: readonly { readonly object: string; readonly reason: string }[];
}

const SCENARIO = "scenario";
const OWNED = [["v1", "Service"], ["v1", "ConfigMap"], ["apps/v1", "Deployment"], ["apps/v1", "DaemonSet"]] as const;
const WITH_STATUS = [
  ["gateway.networking.k8s.io/v1", "GatewayClass"],
  ["gateway.networking.k8s.io/v1", "Gateway"],
  ["gateway.networking.k8s.io/v1alpha2", "UDPRoute"],
  ["stunner.l7mp.io/v1", "UDPRoute"],
] as const;

/** Plays a recording on a real, empty cluster, as whoever a kubeconfig says: what is there when nothing changes any more, step by step. */
export async function play(cluster: Cluster, scenario: Scenario, kubeconfigOf: (settings: Settings) => string): Promise<PlayedStep[]> {
  const settings = settingsOf(scenario);
  const { now: _now, ...render } = settings;
  const controlPlane = createControlPlane(kubeconfigOf(settings), { render, compat: true });
  const applied = new Set<string>();
  try {
    const steps: PlayedStep[] = [];
    for (const step of scenario.steps) {
      const refused = await playStep(cluster, controlPlane, step, applied);
      const configs = scenario.mode === "managed" ? await configsOf(controlPlane) : null;
      steps.push({ refused, outcome: { configs, ...(await dump(cluster, applied)) } });
    }
    return steps;
  } finally {
    controlPlane.close();
  }
}

async function playStep(cluster: Cluster, controlPlane: LiveControlPlane, step: Step, applied: Set<string>): Promise<PlayedStep["refused"]> {
  for (const object of step.apply as unknown as readonly Manifest[]) {
    if (!step.owned?.includes(idOf(object))) applied.add(idOf(object));
    const { status, ...rest } = object;
    await cluster.apply(rest as Manifest, { fieldManager: SCENARIO });
    if (status !== undefined) await cluster.status(object);
  }
  for (const { apiVersion, kind, name, namespace } of step.delete) await cluster.delete(reference(apiVersion, kind, name, namespace));
  let report = await controlPlane.settle();
  for (const object of step.status) await cluster.status(object as unknown as Manifest);
  if (step.status.length > 0) report = await controlPlane.settle();
  return report.changes.map(({ object, reason = "" }) => ({ object: object.replace(" ", "/"), reason }));
}

async function configsOf(controlPlane: LiveControlPlane): Promise<Outcome["configs"]> {
  return [...(await controlPlane.published())].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, config]) => normaliseConfig(toJson(config)));
}

async function dump(cluster: Cluster, applied: ReadonlySet<string>): Promise<Pick<Outcome, "objects" | "statuses">> {
  const all = async (kinds: readonly (readonly [string, string])[]): Promise<Resource[]> =>
    (await Promise.all(kinds.map(([apiVersion, kind]) => cluster.list(apiVersion, kind)))).flat();
  const [owned, withStatus] = await Promise.all([all(OWNED), all(WITH_STATUS)]);
  const objects = owned.filter((object) => !isOfTheServer(object) && !applied.has(idOf(object)));
  return {
    objects: Object.fromEntries(objects.map((object): [string, JsonObject] => [idOf(object), normaliseObject(object)])),
    statuses: Object.fromEntries(
      withStatus.map((object): [string, JsonObject] => {
        const { apiVersion, kind, metadata } = object;
        return [`${apiVersion} ${kind} ${textOf(metadata, "namespace")}/${metadata.name}`, normaliseStatus(object)];
      }),
    ),
  };
}

/** What an API server makes by itself. */
function isOfTheServer({ kind, metadata }: Resource): boolean {
  const namespace = textOf(metadata, "namespace");
  return namespace.startsWith("kube-") || (kind === "Service" && `${namespace}/${metadata.name}` === "default/kubernetes");
}

function idOf({ kind, metadata: { name, namespace } }: Manifest | Resource): string {
  return `${kind}/${typeof namespace === "string" ? namespace : ""}/${name}`;
}
