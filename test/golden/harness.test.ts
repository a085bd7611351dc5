import { describe, expect, it } from "vitest";
import { OfflineCluster, refOf } from "./cluster.ts";
import { comparable, type Outcome } from "./comparable.ts";
import { differences } from "./differences.ts";
import { normaliseObject, normaliseStatus } from "./normalise.ts";
import { isObject, listOf, childOf, type JsonObject } from "../support/json.ts";

const service = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "gw", namespace: "ns", ...metadata },
  spec,
});
const udp: JsonObject = { name: "udp", port: 3478, protocol: "UDP" };
const deployment = (app: string): JsonObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "gw", namespace: "ns" },
  spec: { selector: { matchLabels: { app } } },
});
const condition = (type: string, status: string): JsonObject => ({ type, status });
const outcome = (configs: JsonObject[], conditions: JsonObject[]): Outcome => ({
  configs,
  objects: {},
  statuses: { "v1 Gateway ns/gw": { conditions, note: "é" } },
});
const ref = refOf(service({}));
const portsOf = (cluster: OfflineCluster): JsonObject[] => listOf(childOf(cluster.get(ref), "spec"), "ports").filter(isObject);

describe("the offline API server", () => {
  it("takes away what a manager no longer applies, unless another has it too", () => {
    const cluster = new OfflineCluster();
    cluster.apply("a", service({ ports: [udp] }, { labels: { x: "1", y: "1" } }));
    cluster.apply("b", service({}, { labels: { y: "1", z: "1" } }));
    cluster.apply("a", service({ ports: [udp] }));
    expect(childOf(childOf(cluster.get(ref), "metadata"), "labels")).toEqual({ y: "1", z: "1" });
  });

  it("gives a field to the manager that forced it", () => {
    const cluster = new OfflineCluster();
    cluster.apply("a", service({ type: "LoadBalancer", ports: [udp] }));
    cluster.apply("b", service({ type: "NodePort" }));
    cluster.apply("a", service({ ports: [udp] }));
    expect(childOf(cluster.get(ref), "spec")["type"]).toBe("NodePort");
  });

  it("allocates node ports, keeps them by name when a port moves, and drops them with the type", () => {
    const cluster = new OfflineCluster();
    cluster.apply("a", service({ type: "LoadBalancer", ports: [udp] }));
    const first = portsOf(cluster)[0]?.["nodePort"];
    expect(first).toBeGreaterThanOrEqual(30_000);
    cluster.apply("a", service({ type: "LoadBalancer", ports: [{ ...udp, port: 3479 }] }));
    expect(portsOf(cluster)).toMatchObject([{ port: 3479, targetPort: 3479, nodePort: first }]);
    cluster.apply("a", service({ type: "ClusterIP", ports: [{ ...udp, port: 3479 }] }));
    expect(portsOf(cluster)[0]).not.toHaveProperty("nodePort");
  });

  it.each([
    [{ type: "ExternalName" }, "spec.externalName"],
    [{ type: "ClusterIP" }, "spec.ports"],
    [{ type: "NodePort", ports: [{ ...udp, nodePort: 80 }] }, "spec.ports[0].nodePort"],
    [{ type: "ClusterIP", ports: [{ ...udp, nodePort: 30_478 }] }, "spec.ports[0].nodePort"],
    [{ type: "LoadBalancer", ports: [udp, { ...udp, name: "again" }] }, "spec.ports"],
  ])("refuses the Service %j and changes nothing", (spec, field) => {
    const cluster = new OfflineCluster();
    expect(cluster.apply("a", service(spec))).toMatchObject({ field });
    expect(cluster.get(ref)).toBeUndefined();
  });

  it("refuses another selector of a Deployment, and a DNS name as an IP address", () => {
    const cluster = new OfflineCluster();
    cluster.apply("a", deployment("x"));
    expect(cluster.apply("b", deployment("y"))).toMatchObject({ field: "spec.selector" });
    const gateway = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", metadata: { name: "gw", namespace: "ns" }, spec: {} };
    cluster.apply("a", gateway);
    const status = { addresses: [{ type: "IPAddress", value: "turn.example" }] };
    expect(cluster.putStatus("a", refOf(gateway), status)).toMatchObject({ field: "status.addresses[0]" });
  });

  it("counts generations by the spec, and writes nothing where nothing changes", () => {
    const cluster = new OfflineCluster();
    cluster.apply("a", service({ type: "ClusterIP", ports: [udp] }));
    const before = structuredClone(cluster.get(ref));
    cluster.apply("b", service({ type: "ClusterIP" }));
    expect(cluster.get(ref)).toEqual(before);
    cluster.apply("a", service({ type: "LoadBalancer", ports: [udp] }));
    expect(childOf(cluster.get(ref), "metadata")).toMatchObject({ generation: 2, uid: childOf(before, "metadata")["uid"] });
  });
});

describe("normalisation and comparison", () => {
  it("drops what the API server fills in and keeps what is pinned", () => {
    const live = service(
      {
        type: "LoadBalancer",
        clusterIP: "10.0.0.1",
        sessionAffinity: "None",
        ports: [
          { ...udp, targetPort: 3478, nodePort: 30_478 },
          { ...udp, nodePort: 31_000 },
        ],
      },
      { uid: "u", annotations: { "stunner.l7mp.io/nodeport": '{"udp":30478}' } },
    );
    expect(normaliseObject(live)["spec"]).toEqual({ type: "LoadBalancer", ports: [{ ...udp, nodePort: 30_478 }, udp] });
  });

  it("tells current from stale and drops messages and times", () => {
    const one = { type: "A", status: "True", reason: "A", message: "m", lastTransitionTime: "t" };
    const object = {
      metadata: { generation: 2 },
      status: {
        conditions: [
          { ...one, observedGeneration: 2 },
          { ...one, observedGeneration: 1 },
        ],
      },
    };
    const rest = { type: "A", status: "True", reason: "A" };
    expect(normaliseStatus(object)).toEqual({
      conditions: [
        { ...rest, observedGeneration: "current" },
        { ...rest, observedGeneration: "stale" },
      ],
    });
  });

  it("prints differences as the live comparison does", () => {
    const want = outcome(
      [{ admin: { name: "gw" }, clusters: [{ name: "b" }, { name: "a", endpoints: ["2", "1"] }] }],
      [condition("Accepted", "True"), condition("Ready", "True")],
    );
    const got = outcome(
      [{ admin: { name: "gw", extra: 1 }, clusters: [{ name: "a", endpoints: ["1", "2", "3"] }, { name: "b" }] }],
      [condition("Own", "True"), condition("Accepted", "False")],
    );
    expect(
      differences(comparable(want), {
        ...comparable(got),
        statuses: { "v1 Gateway ns/gw": { conditions: { Accepted: { status: "False" }, Own: {} } } },
      }),
    ).toEqual([
      "configs[0].admin.extra: unexpected 1",
      'configs[0].clusters[0].endpoints: want ["1", "2"], got ["1", "2", "3"]',
      'statuses.v1 Gateway ns/gw.conditions.Accepted.status: want "True", got "False"',
      'statuses.v1 Gateway ns/gw.conditions.Ready: missing, want {"status": "True"}',
      'statuses.v1 Gateway ns/gw.note: missing, want "\\u00e9"',
    ]);
    expect(differences(comparable(want), comparable(want))).toEqual([]);
  });
});
