import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { kubeconfigFor, statusOf } from "../unit/kube-peer.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { startFaultProxy, type Fault, type FaultProxy } from "./fault-proxy.ts";
import { backend, gateway, gatewayClass, install, listener, namespace, RICH, secret, SMALL, udpRoute } from "./live-fixture.ts";
import { changesOf, startLivePass, type LivePass, type LivePassOptions } from "./live-pass.ts";
import { reference, type Manifest } from "./resource.ts";
import { serveOnly } from "./served-only.ts";

const SLICES = "/apis/discovery.k8s.io/v1/";

describe("load", () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  let live: LivePass;
  const opened: LivePass[] = [];
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "newest-experimental" });
    proxy = await startFaultProxy(cluster);
  });
  beforeEach(async () => {
    await cluster.reset();
    proxy.spoil(() => undefined);
    live = start();
    return () => opened.splice(0).forEach((one) => one.close());
  });
  afterAll(async () => {
    await proxy.close();
    await cluster.stop();
  });

  function start(options: LivePassOptions = {}, token = cluster.adminToken): LivePass {
    const one = startLivePass(kubeconfigFor(proxy.url, { token }), options);
    opened.push(one);
    return one;
  }
  /** Paths that are asked for, without what is asked in them. */
  const askedBy = async (action: () => Promise<unknown>): Promise<string[]> => {
    const before = proxy.asked.length;
    await action();
    return proxy.asked.slice(before).map(({ method, path }) => `${method} ${path.split("?")[0]}`);
  };
  const spoil = (part: string, fault: Fault, times = Infinity): void => {
    let left = times;
    proxy.spoil(({ path, method }) => (method === "GET" && path.includes(part) && left-- > 0 ? fault : undefined));
  };
  const load = async (one = live) => {
    const { state, unread, problems } = await one.cluster.load();
    return { state, unread, problems: problems.map(({ object, reason, message }) => `${object}: ${reason}: ${message}`) };
  };

  describe("reads what is referred to and no more", () => {
    test("of a small cluster", async () => {
      await install(cluster, [...SMALL, namespace("other"), ...backend("unrelated"), { ...secret(), metadata: { name: "unrelated", namespace: "media" } }]);
      await live.pass();
      const asked = await askedBy(() => live.pass());
      expect(asked.filter((one) => /secrets|namespaces\/[^/]+$|services|endpointslices/.test(one)).sort()).toEqual([
        "GET /api/v1/namespaces/kube-system",
        "GET /api/v1/namespaces/media/secrets/users",
        "GET /api/v1/namespaces/media/services/server",
        "GET /api/v1/services",
        "GET /apis/discovery.k8s.io/v1/namespaces/media/endpointslices",
        "GET /apis/stunner.l7mp.io/v1/staticservices",
      ]);
      const { state } = live.loaded();
      expect([...state.services.keys()]).toEqual(["media/gw", "media/server"]);
      expect([...state.endpointSlices.keys()]).toEqual(["media/server-1"]);
      expect([...state.secrets.keys()]).toEqual(["media/users"]);
    });

    test("namespaces only where a listener selects by their labels", async () => {
      await install(cluster, RICH);
      await load();
      expect([...live.loaded().state.namespaces.keys()]).toEqual(["kube-system", "media"]);
    });

    test("many Services and slices in lists, none missing", async () => {
      const names = Array.from({ length: 60 }, (_, index) => `server-${index}`);
      const routes = Array.from({ length: 4 }, (_, index) => udpRoute(`route-${index}`, { backends: names.slice(index * 15, index * 15 + 15) }));
      await install(cluster, [...SMALL.slice(0, 6), ...names.flatMap((name) => backend(name)), ...routes]);
      const asked = await askedBy(() => live.pass());
      expect(asked.filter((one) => one.includes("services"))).toEqual(expect.arrayContaining(["GET /api/v1/namespaces/media/services"]));
      expect(asked.filter((one) => one.includes("endpointslices"))).toHaveLength(2);
      const { state } = live.loaded();
      expect([...state.slicesByService.keys()].sort()).toEqual(names.map((name) => `media/${name}`).sort());
      expect(names.every((name) => state.services.has(`media/${name}`))).toBe(true);
      expect(live.accounting.counts().filter(({ resource, verb }) => resource === "secrets" && verb === "list")).toEqual([]);
    });

    test("Endpoints in place of slices, where that is asked for", async () => {
      await install(cluster, [...SMALL, { ...reference("v1", "Endpoints", "server", "media"), subsets: [{ addresses: [{ ip: "10.244.0.11" }] }] }]);
      const old = start({ endpointSlices: false, render: { endpointSlices: false } });
      await load(old);
      expect([...old.loaded().state.endpoints.keys()]).toEqual(["media/server"]);
      expect(old.loaded().state.endpointSlices.size).toBe(0);
      const none = start({ endpointDiscovery: false, render: { endpointDiscovery: false } });
      await load(none);
      expect(none.loaded().state.endpointSlices.size + none.loaded().state.endpoints.size).toBe(0);
    });

    test("pages of a long list", async () => {
      await install(cluster, SMALL);
      const many = Array.from({ length: 520 }, (_, index) => gateway(`gw-${String(index).padStart(3, "0")}`, { listeners: [listener("udp", 3478)] }));
      await Promise.all(many.map((one) => cluster.apply(one)));
      const asked = await askedBy(() => load());
      expect(asked.filter((one) => one.endsWith("/gateways"))).toHaveLength(2);
      expect(live.loaded().state.gateways.size).toBe(521);
      // The list expires between its pages: it begins anew, and is whole.
      let expired = 0;
      proxy.spoil(({ path }) => (path.includes("/gateways?") && path.includes("continue=") && expired++ < 2 ? { answer: 410, body: statusOf(410, "Expired") } : undefined));
      expect((await load()).unread).toEqual([]);
      expect(expired).toBe(3);
      expect(live.loaded().state.gateways.size).toBe(521);
      // Always: then there is no list at all.
      proxy.spoil(({ path }) => (path.includes("/gateways?") && path.includes("continue=") ? { answer: 410, body: statusOf(410, "Expired") } : undefined));
      const { unread, state } = await load();
      expect(unread).toEqual(["list of gateways.gateway.networking.k8s.io"]);
      expect(state.gateways.size).toBe(0);
    });
  });

  describe("does not take for absent", () => {
    beforeEach(() => install(cluster, SMALL));

    const faults: [string, Fault][] = [
      ["500", { answer: 500, body: statusOf(500, "InternalError") }],
      ["503", { answer: 503 }],
      ["429 that asks for a longer pause", { answer: 429, headers: { "retry-after": "3600" } }],
      ["403", { answer: 403, body: statusOf(403, "Forbidden") }],
      ["401", { answer: 401, body: statusOf(401, "Unauthorized") }],
      ["404 without a word of an API server", { answer: 404, body: "<html>" }],
      ["a cut connection", "cut"],
      ["a cut in the middle of the answer", "cut-within"],
      ["silence", "hang"],
      ["silence in the middle of the answer", "hang-within"],
      ["no JSON", { answer: 200, body: "<html>" }],
      ["an empty object", { answer: 200, body: {} }],
      ["a Status", { answer: 200, body: statusOf(200, "") }],
    ];
    const targets: [string, string, string][] = [
      ["a list", "/apis/gateway.networking.k8s.io/v1/gateways?", "list of gateways.gateway.networking.k8s.io"],
      ["a list of what is ours", "/api/v1/services?", "list of services"],
      ["a list of slices", `${SLICES}namespaces/media/endpointslices?`, "list of endpointslices.discovery.k8s.io"],
      ["a Secret", "/api/v1/namespaces/media/secrets/users", "Secret media/users"],
      ["a backend", "/api/v1/namespaces/media/services/server", "Service media/server"],
    ];
    test.each(targets.flatMap(([what, part, name]) => faults.map(([how, fault]) => [what, how, part, name, fault] as const)))("%s that is answered with %s", async (_what, _how, part, name, fault) => {
      const impatient = start({ timeout: 100 });
      spoil(part, fault);
      const { unread, problems } = await load(impatient);
      expect(unread).toEqual([name]);
      expect(problems).toEqual([expect.stringContaining(`${name}: `) as string]);
      expect(problems[0]).toContain("everything that depends on it stays as it is");
    });

    test.each(faults.filter(([how]) => ["500", "503", "a cut connection", "a cut in the middle of the answer", "no JSON", "silence"].includes(how)))("anything where %s passes", async (_how, fault) => {
      const impatient = start({ timeout: 100 });
      for (const [, part] of targets) {
        spoil(part, fault, 2);
        expect((await load(impatient)).unread).toEqual([]);
      }
    });

    test.each<[string, (body: unknown) => unknown]>([
      ["of another kind", (body) => ({ ...asObject(body), kind: "PodList" })],
      ["of another version", (body) => ({ ...asObject(body), apiVersion: "v2" })],
      ["without items", (body) => without(body, "items")],
      ["with items that are none", (body) => ({ ...asObject(body), items: "none" })],
      ["without metadata", (body) => without(body, "metadata")],
      ["whose next page is itself", (body) => ({ ...asObject(body), metadata: { resourceVersion: "1", continue: "again" } })],
    ])("a list %s", async (_what, change) => {
      spoil("/apis/stunner.l7mp.io/v1/udproutes?", { change });
      expect((await load()).unread).toEqual(["list of udproutes.stunner.l7mp.io"]);
    });

    test("an object in the place of another", async () => {
      spoil("/secrets/users", { change: (body) => ({ ...asObject(body), metadata: { ...asObject(asObject(body)["metadata"]), name: "another" } }) });
      expect((await load()).unread).toEqual(["Secret media/users"]);
    });

    test("what is there and not understood, unless nobody refers to it", async () => {
      spoil("udproutes?", { change: (body) => ({ ...asObject(body), items: itemsOf(body).map((item) => spoilNamed(item, "route")) }) });
      const { unread, problems } = await load();
      expect(unread).toEqual(["UDPRoute media/route"]);
      expect(problems).toEqual([expect.stringContaining("UDPRoute media/route: Unreadable: cannot be read") as string]);
      await install(cluster, backend("stranger"));
      await install(cluster, Array.from({ length: 13 }, (_, index) => udpRoute(`route-${index}`, { backends: [`nobody-${index}`, "server"] })));
      proxy.spoil(({ path }) =>
        path.startsWith("/api/v1/namespaces/media/services?") || path.includes("endpointslices?")
          ? { change: (body) => ({ ...asObject(body), items: itemsOf(body).map((item) => spoilNamed(item, "stranger")) }) }
          : undefined,
      );
      expect((await load()).unread).toEqual([]);
      proxy.spoil(({ path }) =>
        path.startsWith("/api/v1/namespaces/media/services?") || path.includes("endpointslices?")
          ? { change: (body) => ({ ...asObject(body), items: itemsOf(body).map((item) => spoilNamed(item, "server")) }) }
          : undefined,
      );
      expect([...(await load()).unread].sort()).toEqual(["EndpointSlice media/server-1", "Service media/server"]);
    });

    test("a kind that is only said to be served", async () => {
      spoil("/apis/stunner.l7mp.io/v1/udproutes?", { answer: 404, body: "404 page not found\n" });
      expect((await load()).unread).toEqual(["list of udproutes.stunner.l7mp.io"]);
    });

    test.each<[string, string, Fault]>([
      ["the list of groups", "/apis", { answer: 404, body: "404 page not found\n" }],
      ["the list of groups", "/apis", { answer: 200, body: {} }],
      ["a group that is listed", "/apis/stunner.l7mp.io/v1", { answer: 404, body: "404 page not found\n" }],
      ["a group that is listed", "/apis/gateway.networking.k8s.io/v1", { answer: 503 }],
    ])("%s that cannot be had: nothing is known then", async (_what, path, fault) => {
      proxy.spoil((asked) => (asked.path === path ? fault : undefined));
      await expect(live.cluster.load()).rejects.toMatchObject({ name: "ClusterError" });
    });
  });

  test("tells which right is missing", async () => {
    await install(cluster, SMALL);
    const role: Manifest = {
      ...reference("rbac.authorization.k8s.io/v1", "ClusterRole", "few"),
      rules: [{ apiGroups: ["*"], resources: ["gateways", "gatewayclasses", "gatewayconfigs", "dataplanes", "udproutes", "staticservices", "referencegrants", "nodes", "namespaces", "deployments", "daemonsets", "services"], verbs: ["get", "list"] }],
    };
    await cluster.apply(role);
    await cluster.apply({
      ...reference("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "few"),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "few" },
      subjects: [{ kind: "ServiceAccount", name: "few", namespace: "default" }],
    });
    const few = start({}, await cluster.serviceAccountToken("default", "few"));
    await expect.poll(async () => (await load(few)).problems).toEqual([
      'Secret media/users: Forbidden: could not be read: not allowed: the role of this control plane needs the verb get on secrets of API group ""; everything that depends on it stays as it is',
      'list of endpointslices.discovery.k8s.io: Forbidden: could not be read: not allowed: the role of this control plane needs the verb list on endpointslices of API group "discovery.k8s.io"; everything that depends on it stays as it is',
    ]);
  });

  test.each([
    ["gateways.gateway.networking.k8s.io", "v1beta1"],
    ["gatewayclasses.gateway.networking.k8s.io", "v1beta1"],
    ["referencegrants.gateway.networking.k8s.io", "v1beta1"],
    ["udproutes.gateway.networking.k8s.io", "v1alpha2"],
    ["gatewayconfigs.stunner.l7mp.io", "v1alpha1"],
    ["dataplanes.stunner.l7mp.io", "v1alpha1"],
    ["staticservices.stunner.l7mp.io", "v1alpha1"],
  ])("reads %s where only %s is served", async (crd, version) => {
    const grant: Manifest = { ...reference("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", "grant", "media"), spec: { from: [{ group: "x", kind: "X", namespace: "y" }], to: [{ group: "", kind: "Secret" }] } };
    await install(cluster, [...SMALL, grant, udpRoute("official", { apiVersion: "gateway.networking.k8s.io/v1" }), { ...reference("stunner.l7mp.io/v1", "StaticService", "static", "media"), spec: { prefixes: ["10.0.0.0/8"] } }]);
    const restore = await serveOnly(cluster, crd, version);
    try {
      expect(changesOf(await live.pass())).toContain("updated status of Gateway media/gw");
      expect(live.loaded()).toMatchObject({ unread: [], problems: [] });
      const { state } = live.loaded();
      expect([state.gateways, state.gatewayClasses, state.referenceGrants, state.officialUdpRoutes, state.gatewayConfigs, state.dataplanes, state.staticServices].map(({ size }) => size)).toEqual([1, 1, 1, 1, 1, 1, 1]);
      expect([...state.gateways.values(), ...state.gatewayClasses.values()].map(({ apiVersion }) => apiVersion)).toEqual(Array(2).fill("gateway.networking.k8s.io/v1"));
      expect((await live.pass()).applied.changes).toEqual([]);
    } finally {
      await restore();
    }
  });

  test("keeps nothing of an aborted or hanging server", async () => {
    await install(cluster, [gatewayClass()]);
    const impatient = start({ timeout: 100 });
    proxy.spoil(() => "hang");
    await expect(impatient.cluster.load()).rejects.toMatchObject({ name: "ClusterError", code: "Timeout", retryable: true });
  });
});

function asObject(value: unknown): Record<string, unknown> {
  return value as Record<string, unknown>;
}

function itemsOf(list: unknown): readonly unknown[] {
  const { items } = asObject(list);
  return Array.isArray(items) ? items : [];
}

function without(value: unknown, field: string): unknown {
  const { [field]: _gone, ...rest } = asObject(value);
  return rest;
}

function spoilNamed(item: unknown, part: string): unknown {
  const { name } = asObject(asObject(item)["metadata"]);
  return String(name).includes(part) ? { ...asObject(item), spec: 7, ports: 7, addressType: 7 } : item;
}
