import { afterEach, describe, expect, test } from "vitest";
import { createKubeClient } from "../../shared/kube/https-client.ts";
import { collectionPath } from "../../shared/kube/paths.ts";
import { KINDS, type KindInfo } from "../../shared/resources/kinds.ts";
import { createLoadCache } from "../../shared/state/live/load-cache.ts";
import { type LiveState, loadLive } from "../../shared/state/live/load.ts";
import { answer, kubeconfigFor, startPeer, statusOf } from "./kube-peer.ts";

const GATEWAY = "gateway.networking.k8s.io/v1";
const OPTIONS = { controllerName: "stunner.l7mp.io/x", mode: "managed", endpointDiscovery: false, endpointSlices: true } as const;
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const meta = (name: string, version: string, more: object = {}) => ({ name, namespace: "ns", uid: `uid-${name}`, resourceVersion: version, ...more });
const gateway = (name: string, version: string, spec: object = {}) => ({
  apiVersion: GATEWAY,
  kind: "Gateway",
  metadata: meta(name, version),
  spec: { gatewayClassName: "turn", listeners: [{ name: "udp", port: 1, protocol: "TURN-UDP" }], ...spec },
});
const classOf = { apiVersion: GATEWAY, kind: "GatewayClass", metadata: { name: "turn", uid: "uid-turn", resourceVersion: "1" }, spec: { controllerName: "stunner.l7mp.io/x", parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", name: "n" } } };
/** As lists of built-in kinds give it: without apiVersion and kind. */
const service = (version: string) => ({ metadata: meta("one", version, { labels: { "stunner.l7mp.io/owned-by": "stunner" } }), spec: { ports: [{ port: 1 }] } });

/** A server whose lists are what `lists` holds at the moment, and loads of it, one after the other. */
async function loads(): Promise<{ load: () => Promise<LiveState>; lists: Map<string, readonly object[] | number> }> {
  const lists = new Map<string, readonly object[] | number>([["gatewayclasses", [classOf]]]);
  let version = 0;
  const peer = await startPeer((request, response) => {
    const path = URL.parse(request.url ?? "", peer.url)?.pathname;
    const info = KINDS.find((one) => collectionPath(one, one.apiVersion) === path);
    const items = lists.get(info?.plural ?? "") ?? [];
    if (!info) answer(response, 404, statusOf(404, "NotFound"));
    else if (typeof items === "number") answer(response, items, statusOf(items, "Forbidden"));
    else answer(response, 200, { apiVersion: info.apiVersion, kind: `${info.kind}List`, metadata: { resourceVersion: String(++version) }, items });
  });
  const client = createKubeClient(kubeconfigFor(peer.url));
  opened.push(peer, client);
  const served = new Map<KindInfo, string>(KINDS.map((info) => [info, info.apiVersion]));
  const cache = createLoadCache();
  return { load: () => loadLive(client, served, OPTIONS, cache), lists };
}

const gatewaysOf = ({ state }: LiveState) => [...state.gateways.values()];

describe("one load after the other", () => {
  test("gives what has not changed as the same object, as read and as sent", async () => {
    const { load, lists } = await loads();
    lists.set("gateways", [gateway("a", "1"), gateway("b", "2")]);
    lists.set("services", [service("3")]);
    const first = await load();
    const second = await load();
    for (const [key, object] of first.state.gateways) expect(second.state.gateways.get(key)).toBe(object);
    const [before, after] = [first, second].map(({ state }) => state.services.get("ns/one"));
    expect(after).toBe(before);
    expect(after && second.raw.get(after)).toBe(before && first.raw.get(before));
    expect(after && second.raw.get(after)).toMatchObject({ apiVersion: "v1", kind: "Service", spec: { ports: [{ port: 1 }] } });
  });

  test("reads anew what has changed, and that alone", async () => {
    const { load, lists } = await loads();
    lists.set("gateways", [gateway("a", "1"), gateway("b", "2"), gateway("c", "3")]);
    const first = gatewaysOf(await load());
    lists.set("gateways", [gateway("a", "1"), gateway("b", "4", { gatewayClassName: "other" }), gateway("c", "3")]);
    const second = gatewaysOf(await load());
    expect(second.map((one, index) => one === first[index])).toEqual([true, false, true]);
    expect(second[1]).toMatchObject({ metadata: { resourceVersion: "4" }, spec: { gatewayClassName: "other" } });
  });

  test("does not trust versions: a changed CRD shows the same version differently", async () => {
    const { load, lists } = await loads();
    lists.set("gateways", [gateway("a", "1")]);
    await load();
    lists.set("gateways", [gateway("a", "1", { gatewayClassName: "defaulted" })]);
    expect(gatewaysOf(await load())[0]?.spec.gatewayClassName).toBe("defaulted");
  });

  test("has nothing of what is gone, of what is not read, or of a list that is refused", async () => {
    const { load, lists } = await loads();
    lists.set("gateways", [gateway("a", "1"), gateway("b", "2")]);
    const first = gatewaysOf(await load());
    lists.set("gateways", [gateway("b", "2")]);
    expect(gatewaysOf(await load()).map(({ metadata }) => metadata.name)).toEqual(["b"]);
    lists.set("gateways", 403);
    const refused = await load();
    expect(gatewaysOf(refused)).toEqual([]);
    expect(refused.unread).toEqual(["list of gateways.gateway.networking.k8s.io"]);
    lists.set("gateways", [gateway("a", "1"), gateway("b", "2")]);
    const after = gatewaysOf(await load());
    expect(after).toEqual(first);
    expect(after.some((one) => first.includes(one))).toBe(false);
  });

  test("tells again what cannot be understood, for as long as it is there", async () => {
    const { load, lists } = await loads();
    const broken = gateway("a", "1", { listeners: "none" });
    lists.set("gateways", [broken, gateway("b", "2")]);
    const [first, second] = [await load(), await load()];
    expect(first.problems.map(({ object, reason }) => `${object} ${reason}`)).toEqual(["Gateway ns/a Unreadable"]);
    expect(second.problems).toEqual(first.problems);
    expect(second.unread).toEqual(["Gateway ns/a"]);
    lists.set("gateways", [gateway("a", "3"), gateway("b", "2")]);
    expect(await load()).toMatchObject({ problems: [], unread: [] });
  });
});
