import { childOf, listOf, textOf, type JsonObject } from "../../support/json.ts";
import type { ClusterClient } from "../client.ts";
import type { Cluster } from "../cluster.ts";
import { RequestRefused } from "../errors.ts";
import { reference, type Resource } from "../resource.ts";
import { startActor, type Actor } from "./actor.ts";

export interface NodeOptions {
  readonly name: string;
  readonly internalIP: string;
  readonly externalIP?: string;
  readonly externalDNS?: string;
}

export interface Node extends Actor {
  /** What a kubelet writes every few seconds: the Ready condition's heartbeat and the node's lease. */
  heartbeat(): Promise<void>;
}

const LEASES = "kube-node-lease";

/**
 * A node and its kubelet, and the scheduler that fills it: registers the Node, takes every pod that no other node has,
 * calls it running and ready, and lets go of it when it is deleted. No container runs.
 */
export async function startNode(cluster: Cluster, options: NodeOptions): Promise<Node> {
  const { name } = options;
  const user = `system:node:${name}`;
  // Not in system:nodes: the test cluster has no node authorizer, which would let a node have what is bound to it.
  const client = await cluster.as({ user, groups: ["system:masters"] });
  const node = reference("v1", "Node", name);
  await client.apply(node, { fieldManager: user });
  let last = 0;
  const heartbeat = async (): Promise<void> => {
    // Times of conditions count seconds; a heartbeat within the same second would be no change.
    last = Math.max(Date.now(), last + 1_000);
    const now = new Date(last).toISOString();
    await client.patch(node, { status: nodeStatus(options, now) }, { fieldManager: user, subresource: "status" });
    const spec = { holderIdentity: name, renewTime: now.replace("Z", "000Z") };
    await client.apply({ ...reference("coordination.k8s.io/v1", "Lease", name, LEASES), spec }, { fieldManager: user });
  };
  await heartbeat();
  let started = 0;
  const actor = startActor(client, [
    {
      apiVersion: "v1",
      kind: "Pod",
      async act(pod, type) {
        const host = textOf(childOf(pod, "spec"), "nodeName");
        if (type === "DELETED" || (host && host !== name)) return;
        if (pod.metadata["deletionTimestamp"]) await client.delete(pod, { grace: 0 });
        else if (!host) await bind(client, pod, name);
        else if (!isRunning(pod)) await run(client, pod, podAddress((started += 1)), options.internalIP);
      },
    },
  ]);
  return { ...actor, heartbeat };
}

function nodeStatus({ name, internalIP, externalIP, externalDNS }: NodeOptions, now: string): JsonObject {
  return {
    addresses: [
      ...address("InternalIP", internalIP),
      ...address("Hostname", name),
      ...address("ExternalIP", externalIP),
      ...address("ExternalDNS", externalDNS),
    ],
    conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "", lastHeartbeatTime: now, lastTransitionTime: now }],
  };
}

function podAddress(number: number): string {
  return `10.244.${Math.floor(number / 250)}.${1 + (number % 250)}`;
}

function isRunning(pod: Resource): boolean {
  return textOf(childOf(pod, "status"), "phase") === "Running";
}

async function bind(client: ClusterClient, pod: Resource, node: string): Promise<void> {
  const path = await client.discovery.pathOf(pod, "binding");
  const { name } = pod.metadata;
  const target = { apiVersion: "v1", kind: "Node", name: node };
  const answer = await client.request("POST", path, { apiVersion: "v1", kind: "Binding", metadata: { name }, target });
  if (answer.status >= 300) throw new RequestRefused("POST", path, answer);
}

async function run(client: ClusterClient, pod: Resource, podIP: string, hostIP: string): Promise<void> {
  const now = new Date().toISOString();
  const spec = childOf(pod, "spec");
  const ip = spec["hostNetwork"] === true ? hostIP : podIP;
  const ready = (type: string): JsonObject => ({ type, status: "True", lastTransitionTime: now });
  const containers = listOf(spec, "containers").map((container) => {
    const { name = "", image = "" } = container as JsonObject;
    return { name, image, imageID: image, ready: true, restartCount: 0, started: true, state: { running: { startedAt: now } } };
  });
  const status = {
    phase: "Running",
    startTime: now,
    hostIP,
    podIP: ip,
    podIPs: [{ ip }],
    conditions: ["Initialized", "PodScheduled", "ContainersReady", "Ready"].map(ready),
    containerStatuses: containers,
  };
  await client.patch(pod, { status }, { fieldManager: "kubelet", subresource: "status" });
}

function address(type: string, value: string | undefined): JsonObject[] {
  return value === undefined ? [] : [{ type, address: value }];
}
