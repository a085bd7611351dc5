import { describe, expect, it } from "vitest";
import { overlay } from "../../shared/apply/overlay.ts";
import { sameJson } from "../../shared/apply/json.ts";
import type { KubeObject } from "../../shared/resources/meta.ts";

function service(spec: object, metadata: object = {}): KubeObject {
  return { apiVersion: "v1", kind: "Service", metadata: { name: "gw", namespace: "ns", ...metadata }, spec };
}

function deployment(podSpec: object, annotations?: Record<string, string>): KubeObject {
  const template = { metadata: { ...(annotations && { annotations }) }, spec: podSpec };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "gw", namespace: "ns" }, spec: { template } };
}

describe("overlay", () => {
  it("creates what is absent as it is desired", () => {
    const desired = service({ type: "LoadBalancer", ports: [{ name: "udp", port: 1 }] });
    expect(overlay(undefined, undefined, desired)).toEqual(desired);
  });

  it("keeps foreign fields, status included", () => {
    const live = { ...service({ type: "ClusterIP", clusterIP: "10.0.0.1" }), status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } };
    expect(overlay(live, undefined, service({ type: "LoadBalancer" }))).toEqual({
      ...service({ type: "LoadBalancer", clusterIP: "10.0.0.1" }),
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
    });
  });

  it("removes what we applied last and no longer want, and nothing else", () => {
    const live = service({ loadBalancerIP: "192.0.2.1", clusterIP: "x" }, { annotations: { ours: "1", theirs: "2" } });
    const last = service({ loadBalancerIP: "192.0.2.1" }, { annotations: { ours: "1" } });
    expect(overlay(live, last, service({}, {}))).toEqual(service({ clusterIP: "x" }, { annotations: { theirs: "2" } }));
  });

  it("removes a map of which nothing is left", () => {
    const live = service({}, { annotations: { ours: "1" } });
    expect(overlay(live, live, service({}))).toEqual(service({}));
  });

  it("removes nothing while it is not known what we applied last", () => {
    const live = service({ loadBalancerIP: "192.0.2.1" });
    expect(overlay(live, undefined, service({}))).toEqual(live);
  });

  it("puts back what another changed", () => {
    const desired = service({ type: "LoadBalancer" });
    expect(overlay(service({ type: "NodePort" }), desired, desired)).toEqual(desired);
  });

  it("tells Service ports apart by number and protocol, and keeps their node ports", () => {
    const live = service({
      ports: [
        { name: "old", port: 1, protocol: "UDP", nodePort: 30_001 },
        { name: "udp", port: 3478, protocol: "UDP", nodePort: 30_002 },
        { name: "theirs", port: 9, protocol: "TCP" },
      ],
    });
    const last = service({ ports: [{ name: "old", port: 1, protocol: "UDP" }, { name: "udp", port: 3478, protocol: "UDP" }] });
    const desired = service({ ports: [{ name: "tcp", port: 3478, protocol: "TCP" }, { name: "udp", port: 3478, protocol: "UDP" }] });
    expect(overlay(live, last, desired)["spec"]).toEqual({
      ports: [
        { name: "tcp", port: 3478, protocol: "TCP" },
        { name: "udp", port: 3478, protocol: "UDP", nodePort: 30_002 },
        { name: "theirs", port: 9, protocol: "TCP" },
      ],
    });
  });

  it("reads an absent protocol as TCP", () => {
    const merged = overlay(service({ ports: [{ port: 1, nodePort: 5 }] }), undefined, service({ ports: [{ port: 1, protocol: "TCP" }] }));
    expect(merged["spec"]).toEqual({ ports: [{ port: 1, nodePort: 5, protocol: "TCP" }] });
  });

  it("replaces the selector of a Service as a whole", () => {
    const merged = overlay(service({ selector: { app: "old", extra: "x" } }), undefined, service({ selector: { app: "stunner" } }));
    expect(merged["spec"]).toEqual({ selector: { app: "stunner" } });
  });

  it("keeps another's container, volume and owner", () => {
    const live = deployment({
      containers: [{ name: "stunnerd", image: "a", resources: { limits: { cpu: "1" } } }, { name: "mesh", image: "m" }],
      volumes: [{ name: "theirs", emptyDir: {} }],
    });
    const last = deployment({ containers: [{ name: "stunnerd", image: "a", resources: { limits: { cpu: "1" } } }] });
    const desired = deployment({ containers: [{ name: "stunnerd", image: "b" }] });
    expect(overlay(live, last, desired)).toEqual(
      deployment({ containers: [{ name: "stunnerd", image: "b" }, { name: "mesh", image: "m" }], volumes: [{ name: "theirs", emptyDir: {} }] }),
    );
  });

  it("keeps the annotation of kubectl rollout restart (I27)", () => {
    const restarted = { "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z" };
    expect(overlay(deployment({}, restarted), deployment({}), deployment({}))).toEqual(deployment({}, restarted));
    expect(overlay(deployment({}, { ...restarted, a: "1" }), deployment({}, { a: "1" }), deployment({}))).toEqual(deployment({}, restarted));
  });

  it("keeps the items of others in a list that we no longer want", () => {
    const live = deployment({ volumes: [{ name: "ours" }, { name: "theirs" }], args: ["-w"] });
    const last = deployment({ volumes: [{ name: "ours" }], args: ["-w"] });
    expect(overlay(live, last, deployment({}))).toEqual(deployment({ volumes: [{ name: "theirs" }] }));
    const all = deployment({ volumes: [{ name: "ours" }] });
    expect(overlay(all, all, deployment({}))).toEqual(deployment({}));
  });

  it("adds an owner beside the others (I34)", () => {
    const theirs = { apiVersion: "v1", kind: "App", name: "a", uid: "1" };
    const ours = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: "gw", uid: "2" };
    const merged = overlay(service({}, { ownerReferences: [theirs] }), undefined, service({}, { ownerReferences: [ours] }));
    expect(merged.metadata.ownerReferences).toEqual([ours, theirs]);
  });

  it("replaces a list without keys, one of other things, and one whose keys repeat", () => {
    const args = overlay(deployment({ args: ["a", "b"] }), undefined, deployment({ args: ["c"] }));
    expect(args).toEqual(deployment({ args: ["c"] }));
    const odd = overlay(deployment({ env: "x" }), undefined, deployment({ env: [{ name: "A" }] }));
    expect(odd).toEqual(deployment({ env: [{ name: "A" }] }));
    const twice = service({ ports: [{ port: 1, name: "a" }, { port: 1, name: "b" }] });
    expect(overlay(service({ ports: [{ port: 2 }] }), undefined, twice)).toEqual(twice);
  });

  it("replaces a value of another type", () => {
    expect(overlay(service({ type: { a: 1 } }), service({ type: { a: 1 } }), service({ type: "NodePort" }))["spec"]).toEqual({ type: "NodePort" });
    expect(overlay(service({ type: "NodePort" }), undefined, service({ type: { a: 1 } }))["spec"]).toEqual({ type: { a: 1 } });
  });
});

describe("sameJson", () => {
  it("knows the same from the different", () => {
    expect(sameJson({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1, d: undefined })).toBe(true);
    const different: [unknown, unknown][] = [
      [{ a: 1 }, { a: 2 }], [{ a: 1 }, {}], [[1], [1, 2]], [[], {}], [{}, []], [null, {}], ["1", 1], [{ a: undefined }, { a: null }],
    ];
    expect(different.map(([one, other]) => sameJson(one, other))).toEqual(different.map(() => false));
  });
});
