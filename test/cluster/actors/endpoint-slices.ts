import { childOf, listOf, sameJson, textOf, toJson, type JsonObject } from "../../support/json.ts";
import type { Cluster } from "../cluster.ts";
import { type Manifest, type Reference, type Resource } from "../resource.ts";
import { startActor, type Actor } from "./actor.ts";

const USER = "endpointslice-controller";

export interface EndpointSliceWriter extends Actor {
  /** The addresses of a Service from now on. Done when the slice is written, if the Service is there. */
  set(service: Reference, addresses: readonly string[]): Promise<void>;
}

/**
 * The endpoint slice controller of a cluster whose pods the test makes up: each Service with a selector has one slice
 * with the addresses that were set for it, none at first, owned by the Service.
 */
export async function startEndpointSliceWriter(cluster: Cluster): Promise<EndpointSliceWriter> {
  const client = await cluster.as({ user: USER, groups: ["system:masters"] });
  const addresses = new Map<string, readonly string[]>();
  const write = async (service: Resource): Promise<void> => {
    const wanted = sliceOf(service, addresses.get(keyOf(service)) ?? []);
    const live = await client.get(wanted);
    if (!live) await client.create(wanted, { fieldManager: USER });
    // The API server has an empty list as null.
    else if (!["endpoints", "ports"].every((key) => sameJson(listOf(live, key), toJson(wanted[key])))) {
      await client.patch(live, { endpoints: wanted["endpoints"], ports: wanted["ports"] }, { fieldManager: USER });
    }
  };
  // One after the other: the event of a Service and what the test sets may come at once.
  let last: Promise<void> = Promise.resolve();
  const inTurn = (service: Resource): Promise<void> => {
    const turn = last.then(() => write(service));
    last = turn.catch(() => undefined);
    return turn;
  };
  const actor = startActor(client, [
    {
      apiVersion: "v1",
      kind: "Service",
      async act(service, type) {
        if (type === "DELETED") await client.delete(sliceOf(service, []));
        else if (hasSelector(service)) await inTurn(service);
      },
    },
  ]);
  return {
    ...actor,
    async set(service, list) {
      addresses.set(keyOf(service), list);
      const live = await client.get(service);
      if (live && hasSelector(live)) await inTurn(live);
    },
  };
}

const keyOf = ({ metadata }: Reference | Resource): string => `${metadata.namespace ?? "default"}/${metadata.name}`;
const sliceName = ({ metadata }: Resource): string => `${metadata.name}-${metadata.uid.slice(0, 5)}`;
const hasSelector = (service: Resource): boolean => Object.keys(childOf(childOf(service, "spec"), "selector")).length > 0;

function sliceOf(service: Resource, addresses: readonly string[]): Manifest {
  const { name, uid } = service.metadata;
  const owner = { apiVersion: "v1", kind: "Service", name, uid, controller: true, blockOwnerDeletion: true };
  const ports = listOf(childOf(service, "spec"), "ports").map((port) => {
    const { name: portName = "", port: number, protocol, targetPort } = port as JsonObject;
    return { name: portName, port: typeof targetPort === "number" ? targetPort : number, protocol };
  });
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: sliceName(service),
      namespace: textOf(service.metadata, "namespace"),
      labels: { "kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" },
      ownerReferences: [owner],
    },
    addressType: addresses.some((address) => address.includes(":")) ? "IPv6" : "IPv4",
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true, serving: true, terminating: false } })),
    ports,
  };
}
