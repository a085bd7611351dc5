import { canonicalJson, childOf, listOf, toJson, type Json, type JsonObject } from "../support/json.ts";
import { OfflineCluster, refOf, type ObjectRef } from "./cluster.ts";
import type { Outcome } from "./comparable.ts";
import { OfflineControlPlane, type RefusedWrite } from "./control-plane.ts";
import { differences } from "./differences.ts";
import { normaliseConfig, normaliseObject, normaliseStatus } from "./normalise.ts";
import { settingsOf, type Scenario, type Step } from "./scenario.ts";

export interface ReplayedStep {
  readonly outcome: Outcome;
  readonly refused: readonly RefusedWrite[];
  /** Passes whose result differed from that of the pass before although nothing outside had changed. */
  readonly unsettled: readonly string[];
}

const SCENARIO = "scenario";
const MOST_PASSES = 5;
const OWNED_KINDS = new Set(["Service", "ConfigMap", "Deployment", "DaemonSet"]);
const STATUS_KINDS = new Set(["GatewayClass", "Gateway", "UDPRoute"]);

/** Plays a recording on an offline cluster and says what is there after each step. */
export function replay(scenario: Scenario): ReplayedStep[] {
  const cluster = new OfflineCluster();
  const controlPlane = new OfflineControlPlane(cluster, settingsOf(scenario));
  const applied = new Set<string>();
  return scenario.steps.map((step) => {
    for (const object of step.apply) {
      if (!step.owned?.includes(idOf(refOf(object)))) applied.add(idOf(refOf(object)));
      applyAsUser(cluster, object);
    }
    for (const ref of step.delete) cluster.remove({ ...ref, namespace: ref.namespace ?? "" });
    const settled = settle(cluster, controlPlane, step);
    const configs =
      scenario.mode === "managed" ? [...controlPlane.published.values()].map((config) => normaliseConfig(toJson(config))) : null;
    return { ...settled, outcome: { configs, ...dump(cluster, applied) } };
  });
}

function applyAsUser(cluster: OfflineCluster, object: JsonObject): void {
  const refusal = cluster.apply(SCENARIO, object);
  if (refusal) throw new Error(`${idOf(refOf(object))}: ${refusal.field}: ${refusal.why}`);
  if (object["status"] !== undefined) cluster.putStatus(SCENARIO, refOf(object), childOf(object, "status"));
}

/**
 * Passes until one changes nothing; the statuses of the step come after the first, when the Service is there. Without
 * new input from outside a further pass must change nothing: rendering arrives in one pass.
 */
function settle(cluster: OfflineCluster, controlPlane: OfflineControlPlane, step: Step): Omit<ReplayedStep, "outcome"> {
  const unsettled: string[] = [];
  let before: { state: JsonObject; input: string } | undefined;
  for (let pass = 1; pass <= MOST_PASSES; pass++) {
    const input = outsideInput(cluster);
    const { refused } = controlPlane.pass();
    if (before?.input === input) {
      const changes = differences(before.state, everything(cluster, controlPlane));
      if (changes.length === 0) return { refused, unsettled };
      unsettled.push(...changes.map((change) => `pass ${pass}: ${change}`));
    }
    if (pass === 1) for (const object of step.status) putStatusAsUser(cluster, object);
    before = { state: everything(cluster, controlPlane), input };
  }
  return { refused: [], unsettled: [...unsettled, `not settled after ${MOST_PASSES} passes`] };
}

/** All objects with their resource versions, and what is served. */
export function everything(cluster: OfflineCluster, controlPlane: OfflineControlPlane): JsonObject {
  const objects = cluster.objects().map((object): [string, Json] => [`${refOf(object).apiVersion} ${idOf(refOf(object))}`, object]);
  return { objects: Object.fromEntries(objects), published: toJson([...controlPlane.published]) };
}

function putStatusAsUser(cluster: OfflineCluster, object: JsonObject): void {
  const ref = refOf(object);
  if (!cluster.get(ref)) throw new Error(`${idOf(ref)}: there is no such object to put a status on`);
  cluster.putStatus(SCENARIO, ref, childOf(object, "status"));
}

/** What load balancers, nodes and the API server contribute to an address: statuses, and node ports where a node is public. */
export function outsideInput(cluster: OfflineCluster): string {
  const objects = cluster.objects();
  const nodes = objects.filter((object) => object["kind"] === "Node").map((node) => childOf(node, "status"));
  const isPublic = JSON.stringify(nodes).includes('"External');
  const services = objects
    .filter((object) => object["kind"] === "Service" && (isPublic || object["status"] !== undefined))
    .map((service): Json => [idOf(refOf(service)), childOf(service, "status"), isPublic ? listOf(childOf(service, "spec"), "ports") : []]);
  return canonicalJson([...nodes, ...services]);
}

/** Owned objects and statuses as the recordings hold them. */
function dump(cluster: OfflineCluster, applied: ReadonlySet<string>): Pick<Outcome, "objects" | "statuses"> {
  const objects: JsonObject = {};
  const statuses: JsonObject = {};
  for (const object of cluster.objects()) {
    const ref = refOf(object);
    const id = idOf(ref);
    if (OWNED_KINDS.has(ref.kind) && !applied.has(id)) objects[id] = normaliseObject(object);
    if (STATUS_KINDS.has(ref.kind)) statuses[`${ref.apiVersion} ${ref.kind} ${ref.namespace}/${ref.name}`] = normaliseStatus(object);
  }
  return { objects, statuses };
}

const idOf = (ref: ObjectRef): string => `${ref.kind}/${ref.namespace}/${ref.name}`;
