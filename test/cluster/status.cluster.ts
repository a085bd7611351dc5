import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { childOf, isObject, listOf, type JsonObject } from "../support/json.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { dataplane, gateway, gatewayClass, gatewayConfig, install, listener, namespace, secret, SMALL, udpRoute } from "./live-fixture.ts";
import { changesOf, OPERATOR, startLivePass, type LivePass } from "./live-pass.ts";
import { reference, type Manifest, type Resource } from "./resource.ts";
import { serveOnly } from "./served-only.ts";

const GATEWAY = reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "media");
const ROUTE = reference("stunner.l7mp.io/v1", "UDPRoute", "route", "media");
const FOREIGN_TIME = "2020-02-02T02:02:02Z";
const foreignCondition = (type: string): JsonObject => ({ type, status: "True", reason: "Foreign", message: "", observedGeneration: 1, lastTransitionTime: FOREIGN_TIME });
const foreignParent = (name: string): JsonObject => ({ controllerName: "other.example/controller", parentRef: { name, sectionName: "x", port: 7 }, conditions: [foreignCondition("Accepted")] });

const conditionsOf = (one: JsonObject): Record<string, string> =>
  Object.fromEntries(listOf(one, "conditions").filter(isObject).map(({ type, status, lastTransitionTime }) => [String(type), `${String(status)} ${String(lastTransitionTime)}`]));

const GATEWAY_API = gatewayApiOr("newest-experimental");
/** In which UDPRoutes are served. */
const ROUTE_VERSIONS = { "1.0": ["v1alpha2"], newest: ["v1"], "newest-experimental": ["v1alpha2", "v1"] }[GATEWAY_API];

describe("statuses", () => {
  let cluster: Cluster;
  let live: LivePass;
  let now: number;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: GATEWAY_API });
  });
  beforeEach(async () => {
    await cluster.reset();
    now = Date.UTC(2030, 0, 1);
    live = startLivePass(await cluster.kubeconfigFor(OPERATOR), { now: () => now });
    return () => live.close();
  });
  afterAll(() => cluster.stop());

  const read = (one: Manifest): Promise<Resource> => cluster.read(one);
  const statusOf = async (one: Manifest): Promise<JsonObject> => childOf(await read(one), "status");

  test("have the time at which a condition last changed its status, and no other change moves it", async () => {
    await install(cluster, SMALL);
    await live.pass();
    const begin = "2030-01-01T00:00:00Z";
    expect(conditionsOf(await statusOf(GATEWAY))).toEqual({ Accepted: `True ${begin}`, Programmed: expect.stringMatching(begin) as string });
    const programmed = conditionsOf(await statusOf(GATEWAY))["Programmed"];
    now += 60_000;
    // Another generation, the same statuses.
    await cluster.apply(gateway("gw", { listeners: [listener("udp", 3479)] }), { fieldManager: "user" });
    expect(changesOf(await live.pass())).toContain("updated status of Gateway media/gw");
    expect(conditionsOf(await statusOf(GATEWAY))).toEqual({ Accepted: `True ${begin}`, Programmed: programmed });
    const [generation] = listOf(await statusOf(GATEWAY), "conditions").filter(isObject).map(({ observedGeneration }) => observedGeneration);
    expect(generation).toBe(2);
    await cluster.delete(secret());
    await live.pass();
    const later = conditionsOf(await statusOf(reference("gateway.networking.k8s.io/v1", "GatewayClass", "turn")));
    const gatewayAfter = conditionsOf(await statusOf(GATEWAY));
    expect([...Object.values(later), ...Object.values(gatewayAfter)].filter((one) => one.startsWith("False")).every((one) => one.endsWith("2030-01-01T00:01:00Z") || one === programmed)).toBe(true);
  });

  test("keep conditions of others, and entries of other controllers, byte for byte and in their places", async () => {
    await install(cluster, SMALL);
    await cluster.status({ ...GATEWAY, status: { conditions: [foreignCondition("other.example/Ready")], addresses: [], listeners: [] } });
    await cluster.status({ ...ROUTE, status: { parents: [foreignParent("gw"), foreignParent("elsewhere")] } });
    const stored = listOf(await statusOf(ROUTE), "parents");
    await live.pass();
    const parents = listOf(await statusOf(ROUTE), "parents").filter(isObject);
    expect(parents.filter(({ controllerName }) => controllerName === "other.example/controller")).toEqual(stored);
    expect(parents.map(({ controllerName }) => controllerName).sort()).toEqual(["other.example/controller", "other.example/controller", "stunner.l7mp.io/gateway-operator"]);
    const conditions = listOf(await statusOf(GATEWAY), "conditions").filter(isObject);
    expect(conditions.filter(({ type }) => type === "other.example/Ready")).toEqual([foreignCondition("other.example/Ready")]);
    expect((await live.pass()).applied.changes).toEqual([]);
    await cluster.status({ ...ROUTE, status: { parents: [...parents].reverse() } });
    await cluster.status({ ...GATEWAY, status: { ...(await statusOf(GATEWAY)), conditions: [...conditions].reverse() } });
    await live.pass();
    expect((await live.pass()).applied.changes).toEqual([]);
    expect(listOf(await statusOf(ROUTE), "parents")).toHaveLength(3);
  });

  test("tell listeners and parents in the order in which they are asked for", async () => {
    const listeners = ["z", "a", "m"].map((name, index) => listener(name, 3478 + index));
    const gateways = [gateway("gw", { listeners }), gateway("a-gw"), gateway("z-gw")];
    await install(cluster, [namespace("media"), gatewayClass(), gatewayConfig(), secret(), dataplane(), ...gateways, udpRoute("route", { parents: ["z-gw", "a-gw", "gw"] })]);
    await live.pass();
    expect(listOf(await statusOf(GATEWAY), "listeners").filter(isObject).map(({ name }) => name)).toEqual(["z", "a", "m"]);
    const parents = listOf(await statusOf(ROUTE), "parents").filter(isObject).map((parent) => childOf(parent, "parentRef")["name"]);
    expect(parents).toEqual(["z-gw", "a-gw", "gw"]);
    await live.pass();
    expect((await live.pass()).applied.changes).toEqual([]);
  });

  test("that somebody else has written since the load are left to the next pass", async () => {
    await install(cluster, SMALL);
    const { rendered } = await live.pass();
    await cluster.status({ ...GATEWAY, status: { conditions: [], listeners: [] } });
    await live.cluster.load();
    await cluster.status({ ...GATEWAY, status: { conditions: [foreignCondition("other.example/Ready")], listeners: [] } });
    const desired = rendered.statuses.find(({ kind }) => kind === "Gateway");
    if (!desired) throw new Error("no status was rendered");
    await expect(live.cluster.writeStatus(desired)).rejects.toMatchObject({ code: "Conflict", retryable: true });
    expect(listOf(await statusOf(GATEWAY), "conditions")).toEqual([foreignCondition("other.example/Ready")]);
    await live.pass();
    expect(Object.keys(conditionsOf(await statusOf(GATEWAY))).sort()).toEqual(["Accepted", "Programmed", "other.example/Ready"]);
  });

  test("of what is gone, or was never read, are not written", async () => {
    await install(cluster, SMALL);
    const { rendered } = await live.pass();
    await cluster.status({ ...GATEWAY, status: {} });
    await live.cluster.load();
    await cluster.delete(GATEWAY);
    for (const desired of rendered.statuses) expect(await live.cluster.writeStatus(desired)).toEqual({ operation: "unchanged" });
    expect(await live.cluster.writeStatus({ ...GATEWAY, kind: "Gateway", name: "never-read", namespace: "media", status: {} })).toEqual({ operation: "unchanged" });
    // The same name, another object.
    await cluster.apply(gateway(), { fieldManager: "user" });
    await cluster.status({ ...GATEWAY, status: {} });
    await live.cluster.load();
    await cluster.delete(GATEWAY);
    await cluster.apply(gateway(), { fieldManager: "user" });
    for (const desired of rendered.statuses.filter(({ kind }) => kind === "Gateway")) {
      await expect(live.cluster.writeStatus(desired)).rejects.toMatchObject({ code: "Conflict", retryable: true });
    }
  });

  test("are judged and not kept in a dry run", async () => {
    await install(cluster, SMALL);
    const dry = startLivePass(await cluster.kubeconfigFor(OPERATOR), { dryRun: true });
    expect(changesOf(await dry.pass())).toEqual([
      "created Deployment media/gw",
      "created Service media/gw",
      "updated status of Gateway media/gw",
      "updated status of GatewayClass turn",
      "updated status of UDPRoute media/route",
    ]);
    expect(Object.keys(conditionsOf(await statusOf(ROUTE)))).toEqual([]);
    expect(await cluster.get(reference("v1", "Service", "gw", "media"))).toBeUndefined();
    await expect(dry.cluster.writeStatus({ ...GATEWAY, kind: "Gateway", name: "gw", namespace: "media", status: { conditions: "none" as never } })).rejects.toMatchObject({ code: "Invalid" });
    dry.close();
  });

  test.each<readonly [string, string, Manifest]>([
    ["gatewayclasses", "v1beta1", reference("gateway.networking.k8s.io/v1beta1", "GatewayClass", "turn")],
    ["gateways", "v1beta1", reference("gateway.networking.k8s.io/v1beta1", "Gateway", "gw", "media")],
    ...ROUTE_VERSIONS.map((version) => ["udproutes", version, reference(`gateway.networking.k8s.io/${version}`, "UDPRoute", "official", "media")] as const),
  ])("are written at the version that is served: %s %s", async (plural, version, object) => {
    await install(cluster, [...SMALL, udpRoute("official", { apiVersion: object.kind === "UDPRoute" ? object.apiVersion : `gateway.networking.k8s.io/${ROUTE_VERSIONS[0]}` })]);
    const restore = await serveOnly(cluster, `${plural}.gateway.networking.k8s.io`, version);
    try {
      expect(changesOf(await live.pass())).toContain(`updated status of ${object.kind} ${object.metadata.namespace ? "media/" : ""}${object.metadata.name}`);
      expect(live.loaded().problems).toEqual([]);
      const status = await statusOf(object);
      const conditions = object.kind === "UDPRoute" ? listOf(status, "parents").filter(isObject).flatMap((parent) => listOf(parent, "conditions")) : listOf(status, "conditions");
      expect(conditions.length).toBeGreaterThan(0);
      expect((await live.pass()).applied.changes).toEqual([]);
    } finally {
      await restore();
    }
  });
});
