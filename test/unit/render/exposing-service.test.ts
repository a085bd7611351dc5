import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../shared/resources/meta.ts";
import {
  annotated,
  gateway,
  listener,
  node,
  officialRoute,
  ownedService,
  ownership,
  rendered,
  route,
  service,
  type Fields,
} from "./builders.ts";
import { addressesOf, publicLines } from "./reading.ts";

const typed = (type: string) => ({ "stunner.l7mp.io/service-type": type });
const NODE = node("n1", [{ type: "ExternalIP", address: "198.51.100.7" }]);
const ports = (...pairs: [number, string][]) => ({ ports: pairs.map(([port, protocol]) => ({ port, protocol })) });

const lb = { loadBalancer: { ingress: [{ ip: "203.0.113.5" }] } };
const spec = (type?: string, more: Fields = {}) => ({
  ...(type ? { type } : {}),
  ports: [{ name: "x", protocol: "UDP", port: 3478, ...more }],
});
const mine = (type?: string, key = "far/mine", meta = ownership("media/gw"), more: Fields = {}) => service(key, spec(type, more), meta, lb);
const other = (key: string, ip: string) => service(
  key,
  spec("LoadBalancer"),
  ownership("media/gw"),
  { loadBalancer: { ingress: [{ ip }] } },
);
const lines = (...objects: KubeObject[]) => publicLines(rendered([gateway(), ...objects]));

// spec/rendering.md 5.7 step 1; edge case 47.
describe("a Service that the user made", () => {
  it("exposes the Gateway under any name and namespace", () => {
    expect(lines(mine("LoadBalancer"))).toEqual(["udp 203.0.113.5:3478"]);
    expect(lines(mine("LoadBalancer", "media/a"))).toEqual(["udp 203.0.113.5:3478"]);
  });

  it.each([
    ["no label", { ...ownership(), labels: {} }],
    ["no labels", { ...ownership(), labels: undefined }],
    ["another label", { ...ownership(), labels: { "stunner.l7mp.io/owned-by": "me" } }],
    ["no annotation", { ...ownership(), annotations: {} }],
    ["the annotation of another Gateway", { ...ownership(), annotations: { "stunner.l7mp.io/related-gateway-name": "media/other" } }],
    ["no owner", { ...ownership(), ownerReferences: undefined }],
    ["another uid", ownership("media/gw", "another")],
    [
      "another name",
      {
        ...ownership(),
        ownerReferences: [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: "other", uid: "uid-of-gw" }],
      },
    ],
    ["another kind", { ...ownership(), ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "gw", uid: "uid-of-gw" }] }],
  ])("does not with %s", (_, meta) => {
    expect(lines(mine("LoadBalancer", "media/a", meta))).toEqual(["udp -"]);
  });

  it("needs no label where some route has it as a backend, in any rule (spec/rendering.md 1.3)", () => {
    const unlabelled = mine("LoadBalancer", "far/mine", { ...ownership("media/gw"), labels: {} });
    expect(lines(unlabelled, route([{ name: "mine", namespace: "far" }]))).toEqual(["udp 203.0.113.5:3478"]);
    expect(
      lines(unlabelled, route([], { parentRefs: [], rules: [{}, { backendRefs: [{ name: "mine" }] }] }, "far/r")),
    ).toEqual(["udp 203.0.113.5:3478"]);
    expect(lines(unlabelled, officialRoute([{ name: "mine", namespace: "far" }]))).toEqual(["udp 203.0.113.5:3478"]);
    expect(lines(unlabelled, route([{ name: "mine" }]))).toEqual(["udp -"]);
  });

  it("may have other owners beside (I34)", () => {
    const owners = [{ apiVersion: "v1", kind: "ConfigMap", name: "x", uid: "y" }, ...(ownership()["ownerReferences"] as Fields[])];
    expect(lines(mine("LoadBalancer", "media/a", { ...ownership(), ownerReferences: owners }))).toEqual(["udp 203.0.113.5:3478"]);
  });

  // LoadBalancer > ExternalName > NodePort > ClusterIP.
  it.each([
    ["NodePort", "LoadBalancer", "udp 203.0.113.5:3478"],
    ["ClusterIP", "NodePort", "udp 198.51.100.7:30005"],
    [undefined, "NodePort", "udp 198.51.100.7:30005"],
  ])("is preferred by type: a %s and a %s", (first, second, wanted) => {
    const objects = [mine(first, "media/a"), mine(second, "media/b", ownership(), { nodePort: 30_005 }), NODE];
    expect(publicLines(rendered([annotated(typed("ClusterIP")), ...objects]))).toEqual([wanted]);
  });

  it("an ExternalName goes after a LoadBalancer", () => {
    const objects = [mine("ExternalName", "media/a"), mine("LoadBalancer", "media/b")];
    expect(publicLines(rendered([annotated(typed("ClusterIP")), ...objects]))).toEqual(["udp 203.0.113.5:3478"]);
  });

  it("an ExternalName goes before a NodePort, and has no address", () => {
    const objects = [mine("ExternalName", "media/b"), mine("NodePort", "media/a", ownership(), { nodePort: 30_005 }), NODE];
    expect(publicLines(rendered([annotated(typed("ClusterIP")), ...objects]))).toEqual(["udp -"]);
  });

  it("goes by namespace and name among equals, the owned one included", () => {
    expect(lines(other("z/z", "203.0.113.9"), other("a/a", "203.0.113.8"))).toEqual(["udp 203.0.113.8:3478"]);
    expect(lines(other("z/z", "203.0.113.9"), ownedService({}, [{ ip: "203.0.113.1" }]))).toEqual(["udp 203.0.113.1:3478"]);
  });

  it("needs a port of the listener's number and transport, in any case of letters", () => {
    expect(lines(mine("LoadBalancer", "a/a", ownership("media/gw"), { protocol: "udp" }))).toEqual(["udp 203.0.113.5:3478"]);
    expect(lines(mine("LoadBalancer", "a/a", ownership("media/gw"), { protocol: undefined }))).toEqual(["udp -"]);
    expect(lines(mine("LoadBalancer", "a/a", ownership("media/gw"), { port: 1 }))).toEqual(["udp -"]);
  });

  it("has the port at its own place in the ingress, TCP by default", () => {
    const ingress = [{ ip: "203.0.113.6", ports: [{ port: 1, protocol: "TCP" }, { port: 3478, protocol: "TCP" }] }];
    const tcp = service(
      "a/a",
      { type: "LoadBalancer", ports: [{ port: 1 }, { port: 3478 }] },
      ownership("media/gw"),
      { loadBalancer: { ingress: [{ ip: "203.0.113.5" }, ...ingress] } },
    );
    expect(publicLines(rendered([gateway([listener("t", 3478, "TCP")]), tcp]))).toEqual(["t 203.0.113.6:3478"]);
  });

  it("may lack spec, ports and status", () => {
    const none = annotated(typed("None"));
    const bare = (one: Fields | undefined, status?: Fields) =>
      publicLines(rendered([none, { ...service("media/a", {}, ownership("media/gw"), status), spec: one }]));
    expect(bare(undefined)).toEqual(["udp -"]);
    expect(bare({})).toEqual(["udp -"]);
    expect(bare(spec("LoadBalancer"))).toEqual(["udp -"]);
    expect(bare(spec("LoadBalancer"), {})).toEqual(["udp -"]);
    expect(bare(spec("LoadBalancer"), { loadBalancer: {} })).toEqual(["udp -"]);
  });

  it("that has the Gateway's own name is taken over: one pass says what the next would", () => {
    expect(lines(service("media/gw", spec("LoadBalancer"), {}, lb))).toEqual(["udp 203.0.113.5:3478"]);
  });
});

const live = (meta?: Fields) => {
  const one = ownedService({ ports: [{ name: "tcp", protocol: "TCP", port: 8086 }] }, [{ ip: "203.0.113.1" }]);
  return meta ? { ...one, metadata: { ...one.metadata, ...meta } } : one;
};

// improvements I31: under hold the old Service stays, and what it says still counts.
describe("the live Service of a Gateway that would have none", () => {
  const gw = gateway([listener("tcp", 8086, "TCP")]);

  it("tells the address of a listener that lost its port to a conflict", () => {
    expect(addressesOf(rendered([gw, live()]))).toEqual(["IPAddress 203.0.113.1"]);
  });

  it("does not under teardown, where it goes, nor where it is not owned", () => {
    expect(addressesOf(rendered([gw, live()], { onInvalid: "teardown" }))).toEqual([]);
    expect(addressesOf(rendered([gw, live({ ownerReferences: [] })]))).toEqual([]);
  });

  it("does not where the user asked for none", () => {
    const none = annotated(typed("None"), [listener("tcp", 8086, "TCP")]);
    expect(addressesOf(rendered([none, live()]))).toEqual([]);
  });
});

// improvements I6.
describe("status.addresses", () => {
  it("has each address once, in listener order, also of listeners that are not rendered", () => {
    const ingress = [
      { ip: "203.0.113.2", ...ports([1, "UDP"]) },
      { ip: "203.0.113.1", ...ports([1, "UDP"], [2, "UDP"]) },
      { ip: "203.0.113.2", ...ports([9, "UDP"], [9, "UDP"], [3, "UDP"]) },
    ];
    const gw = gateway([listener("a", 1, "UDP"), listener("b", 2, "UDP"), listener("c", 3, "UDP"), listener("again", 1, "UDP")]);
    const result = rendered([gw, ownedService({}, ingress)]);
    expect(addressesOf(result)).toEqual(["IPAddress 203.0.113.2", "IPAddress 203.0.113.1"]);
  });

  it("has at most sixteen, as the API allows", () => {
    const numbers = Array.from({ length: 18 }, (_, index) => index + 1);
    const all = numbers.map((port) => ({ port, protocol: "UDP" }));
    const ingress = numbers.map(
      (port) => ({ ip: `203.0.113.${port}`, ports: all.map((one) => (one.port === port ? one : { port: 99, protocol: "UDP" })) }),
    );
    const result = rendered([gateway(numbers.map((port) => listener(`l${port}`, port, "UDP"))), ownedService({}, ingress)]);
    expect(addressesOf(result)).toEqual(numbers.slice(0, 16).map((port) => `IPAddress 203.0.113.${port}`));
  });
});

describe("the message of Programmed", () => {
  it("names the listeners without an address", () => {
    const gw = annotated(
      {},
      [listener("udp", 1, "UDP"), listener("tcp", 2, "TCP"), listener("web", 3, "HTTP")],
      { addresses: [{ value: "203.0.113.9" }] },
    );
    const conditions = rendered([gw]).statuses.find((one) => one.kind === "Gateway")?.status.conditions;
    expect(conditions?.[1]).toMatchObject({ reason: "AddressNotAssigned", message: "no public address for listener tcp, web" });
  });

  it("is plain where all have one", () => {
    const conditions = rendered([
      gateway(undefined, { addresses: [{ value: "203.0.113.9" }] }),
    ]).statuses.find((one) => one.kind === "Gateway")?.status.conditions;
    expect(conditions?.[1]).toMatchObject({ reason: "Programmed", message: "dataplane configuration rendered" });
  });
});
