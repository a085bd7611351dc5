import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Written } from "../../shared/apply/cluster.ts";
import type { DesiredObject } from "../../shared/render/result.ts";
import { childOf, isObject, listOf, toJsonObject, type Json, type JsonObject } from "../support/json.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { withValue, type LeafPath } from "./leaves.ts";
import { backend, dataplane, gateway, gatewayClass, gatewayConfig, install, listener, namespace, secret, udpRoute } from "./live-fixture.ts";
import { createControlPlane } from "./live-control-plane.ts";
import { OPERATOR, startLivePass, type LivePass } from "./live-pass.ts";
import type { Resource } from "./resource.ts";

const ANNOTATIONS = { "stunner.l7mp.io/enable-mixed-protocol-lb": "true" };
const CLUSTER = [
  namespace("media"),
  gatewayClass(),
  gatewayConfig(),
  secret(),
  dataplane({ env: [{ name: "ONE", value: "1" }, { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }] }),
  gateway("gw", { listeners: [listener("udp", 3478), listener("tcp", 3478, "TURN-TCP")] }, { annotations: ANNOTATIONS }),
  udpRoute(),
  ...backend(),
];
const CONTAINER: LeafPath = ["spec", "template", "spec", "containers", { name: "stunner-daemon" }];

const spec = (one: Resource): JsonObject => childOf(one, "spec");
const container = (one: Resource): JsonObject => listOf(childOf(childOf(spec(one), "template"), "spec"), "containers").find(isObject) ?? {};
const fieldsOf = ({ differences = [] }: Written): string[] => differences.map(({ field, manager }) => `${field}${manager ? ` by ${manager}` : ""}`).sort();

describe("odd drift", () => {
  let cluster: Cluster;
  let live: LivePass;
  let objects: readonly DesiredObject[];
  const settled = new Map<string, Resource>();
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest") });
    live = startLivePass(await cluster.kubeconfigFor(OPERATOR));
    await install(cluster, CLUSTER);
    await live.pass();
    // The second time with what the server has allocated.
    objects = (await live.pass()).rendered.objects;
    for (const { kind } of objects) settled.set(kind, await read(kind));
  });
  afterEach(async () => {
    for (const { kind } of objects) await correct(kind);
  });
  afterAll(async () => {
    live.close();
    await cluster.stop();
  });

  const object = (kind: string): DesiredObject => {
    const found = objects.find((one) => one.kind === kind);
    if (!found) throw new Error(`no ${kind} was rendered`);
    return found;
  };
  const read = (kind: string): Promise<Resource> => cluster.read(object(kind));
  async function correct(kind: string, leave = false): Promise<Written> {
    await live.cluster.load();
    return live.cluster.write(object(kind), leave);
  }
  /** Another hand's write of the whole object. */
  const put = async (kind: string, ...changes: readonly (readonly [LeafPath, Json | undefined])[]): Promise<Resource> => {
    const changed = changes.reduce<Json>((value, [path, other]) => withValue(value, path, other), await read(kind));
    return cluster.replace(changed as Resource, { fieldManager: "hand" });
  };
  /** What became of it, and of a second look at it. */
  const putBack = async (kind: string): Promise<unknown> => {
    const written = await correct(kind);
    const after = spec(await read(kind));
    return { operation: written.operation, fields: fieldsOf(written), spec: after, next: (await correct(kind)).operation };
  };
  const asItWas = (kind: string, ...fields: string[]): unknown => ({ operation: "updated", fields: fields.sort(), spec: spec(known(kind)), next: "unchanged" });
  const known = (kind: string): Resource => settled.get(kind) ?? { apiVersion: "", kind, metadata: { name: "", uid: "", resourceVersion: "" } };

  test("another type, with what depends on it", async () => {
    await put("Service", [["spec", "type"], "ClusterIP"]);
    const written = await correct("Service");
    expect(fieldsOf(written)).toEqual(expect.arrayContaining(["spec.type by hand"]));
    const { ports: _ports, ...after } = spec(await read("Service"));
    const { ports: _before, ...before } = spec(known("Service"));
    expect(after).toEqual(before);
    // Node ports that were given up are allocated anew; the next pass wants those.
    objects = (await live.pass()).rendered.objects;
    settled.set("Service", await read("Service"));
  });

  test("another type, a port and a key of the selector: told by a resync, and left where that is asked for", async () => {
    let drift: "report" | "correct" = "correct";
    const plane = createControlPlane(await cluster.kubeconfigFor(OPERATOR), { drift: () => drift });
    await plane.settle();
    const ports = listOf(spec(await read("Service")), "ports").filter(isObject).map(({ nodePort: _nodePort, ...port }) => port);
    const more = { name: "more", port: 9999, protocol: "UDP" };
    const edited = await put("Service", [["spec", "type"], "ClusterIP"], [["spec", "ports"], [...ports, more]], [["spec", "selector", "pod"], "special"], [["spec", "allocateLoadBalancerNodePorts"], undefined]);
    drift = "report";
    const told = { object: "Service media/gw", cause: "drift", fields: ["spec.ports[9999/UDP]", "spec.selector", "spec.type"].map((field) => ({ field, manager: "hand" })) };
    const changesOf = async () => (await plane.pass()).changes.filter(({ object: name }) => name === told.object).map(({ fields = [], ...change }) => ({ ...change, fields: [...fields].sort((a, b) => (a.field < b.field ? -1 : 1)) }));
    expect(await changesOf()).toMatchObject([{ ...told, operation: "drifted" }]);
    expect((await read("Service")).metadata.resourceVersion).toBe(edited.metadata.resourceVersion);
    drift = "correct";
    expect(await changesOf()).toMatchObject([{ ...told, operation: "updated" }]);
    expect(spec(await read("Service"))).toMatchObject({ type: "LoadBalancer", selector: spec(known("Service"))["selector"] });
    expect(listOf(spec(await read("Service")), "ports")).toHaveLength(ports.length);
    expect(await changesOf()).toEqual([]);
    plane.close();
    objects = (await live.pass()).rendered.objects;
    settled.set("Service", await read("Service"));
  });

  test("a port that another hand added, and what it added to one of ours", async () => {
    const ports = listOf(spec(await read("Service")), "ports").filter(isObject);
    await put("Service", [["spec", "ports"], [...ports.map((port) => ({ ...port, ...(port["protocol"] === "TCP" ? { appProtocol: "https" } : {}) })), { name: "more", port: 9999, protocol: "UDP" }]]);
    const tcp = ports.find(({ protocol }) => protocol === "TCP")?.["port"];
    expect(await putBack("Service")).toEqual(asItWas("Service", "spec.ports[9999/UDP] by hand", `spec.ports[${String(tcp)}/TCP].appProtocol by hand`));
  });

  test("a port that another hand moved to another number or protocol under its name", async () => {
    await put("Service", [["spec", "ports", { port: 3478, protocol: "UDP" }, "port"], 3999]);
    expect(await putBack("Service")).toEqual(asItWas("Service", "spec.ports[3478/UDP]", "spec.ports[3999/UDP] by hand"));
    await put("Service", [["spec", "ports", { port: 3478, protocol: "UDP" }, "protocol"], "SCTP"]);
    expect(await putBack("Service")).toEqual(asItWas("Service", "spec.ports[3478/UDP]", "spec.ports[3478/SCTP] by hand"));
  });

  test("a selector to which another hand added a key, or of which it took one", async () => {
    await put("Service", [["spec", "selector", "pod"], "special"]);
    expect(await putBack("Service")).toEqual(asItWas("Service", "spec.selector by hand"));
    await put("Service", [["spec", "selector", "app"], undefined]);
    expect(await putBack("Service")).toEqual(asItWas("Service", "spec.selector by hand"));
  });

  test("ports and selector that another tool applies on the server as well", async () => {
    const { apiVersion, kind, metadata } = object("Service");
    const { name, namespace: space } = metadata;
    const applied = { apiVersion, kind, metadata: { name, namespace: space }, spec: { selector: { app: "other" }, ports: [{ name: "extra", port: 7000, protocol: "UDP" }] } };
    await cluster.apply(applied, { fieldManager: "gitops" });
    expect(await putBack("Service")).toEqual(asItWas("Service", "spec.ports[7000/UDP] by gitops", "spec.selector by gitops"));
  });

  test("a port that nobody manages, since another hand wiped the managers", async () => {
    const ports = listOf(spec(await read("Service")), "ports");
    await put("Service", [["metadata", "managedFields"], [{}]]);
    expect(await correct("Service")).toMatchObject({ operation: "updated", differences: [] });
    expect((await correct("Service")).operation).toBe("unchanged");
    await put("Service", [["spec", "ports"], [...ports, { name: "more", port: 9999, protocol: "UDP" }]]);
    await put("Service", [["metadata", "managedFields"], [{}]]);
    expect(await putBack("Service")).toEqual(asItWas("Service", "spec.ports[9999/UDP]"));
  });

  test("a variable that got a value in place of a source, and the other way round", async () => {
    await put("Deployment", [[...CONTAINER, "env", { name: "NODE" }], { name: "NODE", value: "x" }]);
    const env = "spec.template.spec.containers[stunner-daemon].env";
    expect(await putBack("Deployment")).toEqual(asItWas("Deployment", `${env}[NODE].valueFrom`, `${env}[NODE].value by hand`));
    await put("Deployment", [[...CONTAINER, "env", { name: "ONE" }], { name: "ONE", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }]);
    expect(await putBack("Deployment")).toEqual(asItWas("Deployment", `${env}[ONE].value`, `${env}[ONE].valueFrom by hand`));
    await put("Deployment", [[...CONTAINER, "env", { name: "NODE" }], { name: "NODE", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }]);
    expect(await putBack("Deployment")).toEqual(asItWas("Deployment", `${env}[NODE].valueFrom.fieldRef`, `${env}[NODE].valueFrom.secretKeyRef by hand`));
  });

  test("a probe of another sort", async () => {
    const probe = { tcpSocket: { port: 1 }, periodSeconds: 15, successThreshold: 1, failureThreshold: 3, timeoutSeconds: 1 };
    await put("Deployment", [[...CONTAINER, "livenessProbe"], probe]);
    const field = "spec.template.spec.containers[stunner-daemon].livenessProbe";
    expect(await putBack("Deployment")).toEqual(asItWas("Deployment", `${field}.httpGet`, `${field}.tcpSocket by hand`));
  });

  test("a container port moved to another number under its name", async () => {
    await put("Deployment", [[...CONTAINER, "ports"], [{ name: "metrics-port", containerPort: 9090, protocol: "TCP" }]]);
    const field = "spec.template.spec.containers[stunner-daemon].ports";
    expect(await putBack("Deployment")).toEqual(asItWas("Deployment", `${field}[8080/TCP]`, `${field}[9090/TCP] by hand`));
  });

  test("the order of what has one, and only of what is ours", async () => {
    const variables = listOf(container(await read("Deployment")), "env");
    await put("Deployment", [[...CONTAINER, "env"], [{ name: "FIRST", value: "0" }, ...variables].reverse()]);
    const written = await correct("Deployment");
    expect(fieldsOf(written)).toEqual(["spec.template.spec.containers[stunner-daemon].env by hand"]);
    const names = listOf(container(await read("Deployment")), "env").filter(isObject).map(({ name }) => name);
    expect(names.filter((name) => name !== "FIRST")).toEqual(variables.filter(isObject).map(({ name }) => name));
    expect(names).toContain("FIRST");
    expect((await correct("Deployment")).operation).toBe("unchanged");
    await put("Deployment", [[...CONTAINER, "env", { name: "FIRST" }], undefined]);
  });

  test("what tells a part from others: ours comes back, the other one is somebody else's", async () => {
    await put("Deployment", [[...CONTAINER, "env", { name: "ONE" }, "name"], "TWO"]);
    expect(fieldsOf(await correct("Deployment"))).toEqual(["spec.template.spec.containers[stunner-daemon].env[ONE]"]);
    expect(JSON.stringify(await read("Deployment"))).toContain('"name":"TWO"');
    await put("Deployment", [[...CONTAINER, "env", { name: "TWO" }], undefined]);
    await put("Deployment", [[...CONTAINER, "name"], "another"]);
    expect(fieldsOf(await correct("Deployment"))).toEqual(["spec.template.spec.containers[stunner-daemon]"]);
    await put("Deployment", [[...CONTAINER.slice(0, -1), { name: "another" }], undefined]);
    expect(spec(await read("Deployment"))).toEqual(spec(known("Deployment")));
  });

  test.each(["Service", "Deployment"])("a %s without the label by which it is found", async (kind) => {
    await put(kind, [["metadata", "labels", "stunner.l7mp.io/owned-by"], undefined]);
    const written = await correct(kind);
    expect(written.operation).toBe("updated");
    expect(fieldsOf(written)).toEqual(["metadata.labels[stunner.l7mp.io/owned-by]"]);
    expect((await correct(kind)).operation).toBe("unchanged");
  });

  test("an object that is gone", async () => {
    await cluster.delete(object("Deployment"));
    expect((await correct("Deployment", true)).operation).toBe("drifted");
    expect(await cluster.get(object("Deployment"))).toBeUndefined();
    expect((await correct("Deployment")).operation).toBe("created");
    expect(spec(await read("Deployment"))).toEqual(spec(known("Deployment")));
    expect((await correct("Deployment")).operation).toBe("unchanged");
  });

  test("that is only to be told is not put back", async () => {
    await put("Deployment", [[...CONTAINER, "image"], "x"]);
    const version = (await read("Deployment")).metadata.resourceVersion;
    const told = await correct("Deployment", true);
    expect(told).toEqual({
      operation: "drifted",
      differences: [{ field: "spec.template.spec.containers[stunner-daemon].image", wanted: "l7mp/stunnerd:1.2.1", live: "x", manager: "hand" }],
      rollsPods: true,
    });
    expect((await read("Deployment")).metadata.resourceVersion).toBe(version);
    await put("Deployment", [["metadata", "labels", "app"], "x"]);
    expect(toJsonObject(await correct("Deployment", true))["rollsPods"]).toBe(true);
  });
});
