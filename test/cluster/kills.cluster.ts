import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { normaliseConfig, normaliseObject, normaliseStatus } from "../golden/normalise.ts";
import { toJson, type JsonObject } from "../support/json.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { backend, classOf, gateway, route } from "./fixture.ts";
import { wipe } from "./golden/wipe.ts";
import { createMortal, type Death } from "./kills/mortal.ts";
import { createControlPlane, LEASE, type LiveControlPlane } from "./live-control-plane.ts";
import { reference, type Manifest } from "./resource.ts";

/** The backend's Service, always at the same address. */
const media = { ...reference("v1", "Service", "media", "default"), spec: { clusterIP: "10.0.9.9", ports: [{ name: "rtp", port: 9001, protocol: "UDP" }] } };
const BEFORE: readonly Manifest[] = [
  ...classOf("turn"), media, ...backend("media").slice(1), gateway("one", "turn"), gateway("two", "turn", { "stunner.l7mp.io/service-type": "ClusterIP" }),
  route("media", ["one", "two"]),
];
/** One Gateway changes its port and its Service's type, the other goes off the route. */
const AFTER: readonly Manifest[] = [
  { ...gateway("one", "turn", { "stunner.l7mp.io/service-type": "NodePort" }), spec: { gatewayClassName: "turn", listeners: [{ name: "tcp", port: 3479, protocol: "TURN-TCP" }] } },
  route("media", ["one"], 9001),
];

const MADE = [["v1", "Service"], ["apps/v1", "Deployment"]] as const;
const WITH_STATUS = [["gateway.networking.k8s.io/v1", "GatewayClass"], ["gateway.networking.k8s.io/v1", "Gateway"], ["stunner.l7mp.io/v1", "UDPRoute"]] as const;

describe("a control plane that dies at a write", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("1.0") });
  });
  afterEach(() => wipe(cluster));
  afterAll(() => cluster.stop());

  async function passes(store: ObjectStore, death?: Death): Promise<number> {
    const mortal = createMortal(store, death);
    const plane = createControlPlane(cluster.kubeconfig, mortal);
    try {
      await plane.pass();
    } catch (error) {
      if (!mortal.isDead()) throw error;
    } finally {
      plane.close();
    }
    return mortal.writes();
  }

  /** Everything that a pass leaves, without what differs from run to run. */
  async function outcome(plane: LiveControlPlane): Promise<JsonObject> {
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
    return found;
  }

  async function play(inputs: readonly (readonly Manifest[])[], death?: Death): Promise<{ writes: number; left: JsonObject }> {
    const store = createMemoryStore();
    let writes = 0;
    for (const [index, objects] of inputs.entries()) {
      for (const object of objects) await cluster.apply(object);
      writes = await passes(store, index === inputs.length - 1 ? death : undefined);
    }
    const plane = createControlPlane(cluster.kubeconfig, { store, later: () => LEASE });
    if (death) await plane.pass();
    expect((await plane.pass()).changes).toEqual([]);
    const left = await outcome(plane);
    plane.close();
    return { writes, left };
  }

  test.each([
    { what: "everything is made", inputs: [BEFORE] },
    { what: "things change", inputs: [BEFORE, AFTER] },
  ])("leaves what one more pass makes as good as new: $what", { timeout: 180_000 }, async ({ inputs }) => {
    const { writes, left } = await play(inputs);
    expect(writes).toBeGreaterThan(3);
    for (let write = 1; write <= writes; write += 1) {
      for (const at of ["before", "after"] as const) {
        await wipe(cluster);
        expect((await play(inputs, { write, at })).left, `killed ${at} write ${write} of ${writes}`).toEqual(left);
      }
    }
  });
});
