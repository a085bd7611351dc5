import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { childOf, isObject, listOf } from "../support/json.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { install, SMALL } from "./live-fixture.ts";
import { changesOf, OPERATOR, startLivePass, type LivePass } from "./live-pass.ts";
import { reference, type Manifest, type Resource } from "./resource.ts";

const service: Manifest = {
  ...reference("v1", "Service", "gw", "media"),
  metadata: { name: "gw", namespace: "media", labels: { theirs: "1" }, annotations: { "their/note": "2" } },
  spec: {
    type: "NodePort",
    selector: { app: "theirs" },
    sessionAffinity: "None",
    loadBalancerSourceRanges: null,
    internalTrafficPolicy: "Local",
    ports: [
      { name: "udp", port: 9000, protocol: "UDP" },
      { name: "http", port: 80, protocol: "TCP", appProtocol: "http" },
      { name: "turn", port: 3478, protocol: "UDP", targetPort: 1 },
    ],
  },
};
const selector = { app: "stunner", "stunner.l7mp.io/related-gateway-name": "gw", "stunner.l7mp.io/related-gateway-namespace": "media" };
const squatter = (matchLabels: object): Manifest => ({
  ...reference("apps/v1", "Deployment", "gw", "media"),
  spec: { selector: { matchLabels }, template: { metadata: { labels: matchLabels }, spec: { containers: [{ name: "main", image: "example/squatter:1" }] } } },
});

describe("adoption", () => {
  let cluster: Cluster;
  let live: LivePass;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("1.0") });
  });
  beforeEach(async () => {
    await cluster.reset();
    await install(cluster, SMALL);
    live = startLivePass(await cluster.kubeconfigFor(OPERATOR));
    return () => live.close();
  });
  afterAll(() => cluster.stop());

  const read = (one: Manifest): Promise<Resource> => cluster.read(one);

  test.each<[string, (object: Manifest) => Promise<unknown>]>([
    ["applied on the server", (object) => cluster.apply(object, { fieldManager: "gitops" })],
    ["created", (object) => cluster.create(object, { fieldManager: "kubectl-create" })],
    ["created, of which nobody knows who", async (object) => {
      const made = await cluster.create(object);
      await cluster.replace({ ...made, metadata: { ...made.metadata, managedFields: [{}] } } as Resource);
    }],
  ])("of a Service that somebody has %s: type, ports and selector are ours alone, the rest is theirs", async (_how, make) => {
    await make(service);
    const { clusterIP } = childOf(await read(service), "spec");
    expect(changesOf(await live.pass())).toContain("updated Service media/gw");
    const { metadata, spec } = await read(service);
    expect(metadata).toMatchObject({ labels: { theirs: "1", "stunner.l7mp.io/owned-by": "stunner" }, annotations: { "their/note": "2" } });
    expect(listOf(metadata, "ownerReferences")).toMatchObject([{ kind: "Gateway", name: "gw" }]);
    expect(spec).toMatchObject({ type: "LoadBalancer", selector, internalTrafficPolicy: "Local", clusterIP });
    const ports = listOf(isObject(spec) ? spec : {}, "ports").filter(isObject);
    expect(ports.map(({ nodePort, ...port }) => ({ ...port, nodePort: typeof nodePort }))).toEqual([
      { name: "udp", port: 3478, protocol: "UDP", targetPort: 3478, nodePort: "number" },
    ]);
    await live.pass();
    expect((await live.pass()).applied.changes).toEqual([]);
  });

  test("of a Service that may not become what is wanted is refused, told, and changes no field", async () => {
    await cluster.create({ ...service, spec: { clusterIP: "None", selector: { app: "theirs" }, ports: [{ port: 1 }] } }, { fieldManager: "kubectl-create" });
    const before = await read(service);
    const failed = ["failed Service media/gw: Invalid: the API server refused with status 422, field spec.clusterIPs[0]"];
    expect(changesOf(await live.pass())).toEqual(expect.arrayContaining(failed));
    expect(childOf(await read(service), "spec")).toEqual(before["spec"]);
    const gateway = await read(reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "media"));
    const programmed = listOf(childOf(gateway, "status"), "conditions").filter(isObject).find(({ type }) => type === "Programmed");
    expect(programmed).toMatchObject({ status: "False", reason: "Pending", message: expect.stringContaining("field spec.clusterIPs[0]") as string });
    // The same again, and no status that differs.
    expect(changesOf(await live.pass())).toEqual(failed);
  });

  test.each(["kubectl", "manager"])("of a Deployment of another selector, by %s, is refused and leaves it as it was", async (manager) => {
    await cluster.create(squatter({ app: "squatter" }), { fieldManager: manager });
    const before = await read(squatter({}));
    const failed = "failed Deployment media/gw: Invalid: the API server refused with status 422, field spec.selector";
    for (let i = 0; i < 2; i++) expect(changesOf(await live.pass()).filter((change) => change.includes("Deployment"))).toEqual([failed]);
    expect(await read(squatter({}))).toEqual(before);
    expect(await cluster.get(service)).toBeDefined();
  });

  test("of a Deployment of our selector keeps what others have in it", async () => {
    const matchExpressions = Object.entries(selector).map(([key, value]) => ({ key, operator: "In", values: [value] }));
    const made = squatter(selector);
    await cluster.create({ ...made, spec: { ...(isObject(made["spec"]) ? made["spec"] : {}), selector: { matchExpressions } } }, { fieldManager: "kubectl" });
    expect(changesOf(await live.pass())).toContain("updated Deployment media/gw");
    const containers = listOf(childOf(childOf(childOf(await read(made), "spec"), "template"), "spec"), "containers").filter(isObject);
    expect(containers.map(({ name }) => name).sort()).toEqual(["main", "stunner-daemon"]);
    expect((await live.pass()).applied.changes).toEqual([]);
  });

  test("of a ConfigMap, in legacy mode, takes the one key and leaves the others", async () => {
    const legacy = startLivePass(await cluster.kubeconfigFor(OPERATOR), { mode: "legacy", render: { mode: "legacy" } });
    const configMap: Manifest = { ...reference("v1", "ConfigMap", "stunnerd-config", "media"), data: { "stunnerd.conf": "theirs", other: "kept" }, binaryData: { bytes: "AAE=" } };
    await cluster.create(configMap, { fieldManager: "kubectl-create" });
    expect(changesOf(await legacy.pass())).toContain("updated ConfigMap media/stunnerd-config");
    const after = await read(configMap);
    expect(after["data"]).toEqual({ "stunnerd.conf": expect.stringContaining("alice") as string, other: "kept" });
    expect(after["binaryData"]).toEqual({ bytes: "AAE=" });
    expect(after.metadata["labels"]).toMatchObject({ "stunner.l7mp.io/owned-by": "stunner" });
    await legacy.pass();
    expect((await legacy.pass()).applied.changes).toEqual([]);
    legacy.close();
  });
});
