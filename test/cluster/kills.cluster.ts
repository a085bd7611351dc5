import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readNodes } from "../../shared/cds/published-nodes.ts";
import { readApplied } from "../../shared/reconcile/applied-store.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { normaliseConfig, normaliseObject, normaliseStatus } from "../golden/normalise.ts";
import { toJson, type JsonObject } from "../support/json.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { storeRequest } from "./faults/points.ts";
import { sampled } from "./faults/sample.ts";
import { backend, classOf, gateway, route } from "./fixture.ts";
import { wipe } from "./golden/wipe.ts";
import { createMortal, type Death, type Writes } from "./kills/mortal.ts";
import { createControlPlane, LEASE, type LiveControlPlane } from "./live-control-plane.ts";
import { reference, type Manifest } from "./resource.ts";

/** The backend's Service, always at the same address. */
const media = { ...reference("v1", "Service", "media", "default"), spec: { clusterIP: "10.0.9.9", ports: [{ name: "rtp", port: 9001, protocol: "UDP" }] } };
const node = (address: string): Manifest => ({ ...reference("v1", "Node", "node-1"), status: { addresses: [{ type: "ExternalIP", address }] } });
const BEFORE: readonly Manifest[] = [
  ...classOf("turn"), media, ...backend("media").slice(1), node("203.0.113.1"), gateway("one", "turn", { "stunner.l7mp.io/nodeport": '{"udp":30478}' }),
  gateway("two", "turn", { "stunner.l7mp.io/service-type": "ClusterIP", "stunner.l7mp.io/enable-relay-address-discovery": "true" }),
  route("media", ["one", "two"]),
];
/** One Gateway changes its port and its Service's type, the other goes off the route, and a node has another address. */
const AFTER: readonly Manifest[] = [
  { ...gateway("one", "turn", { "stunner.l7mp.io/nodeport": '{"tcp":30479}', "stunner.l7mp.io/service-type": "NodePort" }), spec: { gatewayClassName: "turn", listeners: [{ name: "tcp", port: 3479, protocol: "TURN-TCP" }] } },
  route("media", ["one"], 9001), node("203.0.113.2"),
];
/** What a pass stores. */
const STORED = ["applied.json", "configs/default/one/digest.json", "index.json", "lease/n.json", "nodes.json", "report.json"];

const MADE = [["v1", "Service"], ["apps/v1", "Deployment"]] as const;
const WITH_STATUS = [["gateway.networking.k8s.io/v1", "GatewayClass"], ["gateway.networking.k8s.io/v1", "Gateway"], ["stunner.l7mp.io/v1", "UDPRoute"]] as const;

const deathsAt = (to: Death["to"], writes: readonly string[]): Death[] =>
  writes.flatMap((_, index) => (["before", "after"] as const).map((at) => ({ to, write: index + 1, at })));

describe("a control plane that dies at a write", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("1.0") });
  });
  afterEach(() => wipe(cluster));
  afterAll(() => cluster.stop());

  async function passes(store: ObjectStore, death?: Death): Promise<Writes> {
    const mortal = createMortal(store, death);
    const plane = createControlPlane(cluster.kubeconfig, mortal);
    try {
      await plane.pass();
    } catch (error) {
      if (!mortal.isDead()) throw error;
    } finally {
      plane.close();
    }
    return mortal.writes;
  }

  /** Everything that a pass leaves, without what differs from run to run. */
  async function outcome(plane: LiveControlPlane, store: ObjectStore): Promise<JsonObject> {
    const found: JsonObject = {};
    for (const [apiVersion, kind] of MADE) {
      for (const object of await cluster.list(apiVersion, kind, "default")) {
        if (object.metadata.name !== "kubernetes") found[`${kind} ${object.metadata.name}`] = normaliseObject(object);
      }
    }
    for (const [apiVersion, kind] of WITH_STATUS) {
      for (const object of await cluster.list(apiVersion, kind)) found[`status ${kind} ${object.metadata.name}`] = normaliseStatus(object);
    }
    for (const [id, config] of await plane.published()) found[`config ${id}`] = normaliseConfig(toJson(config));
    const nodes = await readNodes(store, "test");
    const { digests } = await readApplied(store, "test");
    return { ...found, applied: [...digests.keys()], nodes: nodes.status === "found" ? Object.fromEntries(nodes.nodes) : {} };
  }

  async function play(inputs: readonly (readonly Manifest[])[], death?: Death): Promise<{ writes: Writes; left: JsonObject }> {
    const store = createMemoryStore();
    let writes: Writes = { "API server": [], store: [] };
    for (const [index, objects] of inputs.entries()) {
      for (const object of objects) {
        await cluster.apply(object);
        if (object["status"]) await cluster.patch(object, { status: object["status"] }, { subresource: "status" });
      }
      writes = await passes(store, index === inputs.length - 1 ? death : undefined);
    }
    const plane = createControlPlane(cluster.kubeconfig, { store, later: () => LEASE });
    if (death) await plane.pass();
    // Takes up the addresses that there are as soon as there are Services.
    await plane.pass();
    expect((await plane.pass()).changes).toEqual([]);
    const left = await outcome(plane, store);
    plane.close();
    return { writes, left };
  }

  test.each([
    { what: "everything is made", inputs: [BEFORE] },
    { what: "things change", inputs: [BEFORE, AFTER] },
  ])("leaves what one more pass makes as good as new: $what", { timeout: 600_000 }, async ({ what, inputs }) => {
    const { writes, left } = await play(inputs);
    expect(writes["API server"].length).toBeGreaterThan(3);
    const stored = new Set(writes.store.filter((one) => one.startsWith("put ")).map((one) => storeRequest(one).replace("put clusters/test/", "")));
    expect([...stored].sort()).toEqual(expect.arrayContaining(STORED));
    const deaths = [...deathsAt("API server", writes["API server"]), ...sampled(`${what}, store`, "FAULT_SAMPLE", deathsAt("store", writes.store))];
    for (const death of deaths) {
      await wipe(cluster);
      expect((await play(inputs, death)).left, `killed ${death.at} write ${death.write} to the ${death.to}, ${writes[death.to][death.write - 1]}`).toEqual(left);
    }
  });
});
