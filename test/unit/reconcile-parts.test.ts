import { describe, expect, it } from "vitest";
import { hasOwned, ownerOf } from "../../shared/apply/ownership.ts";
import { title } from "../../shared/apply/title.ts";
import { failuresByGateway, withFailures } from "../../shared/apply/write-failures.ts";
import { configChanges } from "../../shared/reconcile/config-changes.ts";
import { disrupted } from "../../shared/reconcile/disruption.ts";
import { isOurs, toReportError } from "../../shared/reconcile/failure.ts";
import { freezes, holdUnread } from "../../shared/reconcile/hold-unread.ts";
import { unreadStatuses } from "../../shared/reconcile/unread-status.ts";
import { nodeAddresses } from "../../shared/reconcile/node-addresses.ts";
import { released, remember } from "../../shared/reconcile/release.ts";
import type { Change } from "../../shared/reconcile/report.ts";
import type { DesiredObject, DesiredStatus, RenderResult } from "../../shared/render/result.ts";
import type { KubeObject, OwnerReference } from "../../shared/resources/meta.ts";
import type { Node } from "../../shared/resources/node.ts";
import type { StunnerdConfig, StunnerdListener } from "../../shared/resources/stunnerd-config.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";

function config(listeners: Partial<StunnerdListener>[], realm = "r"): StunnerdConfig {
  return {
    version: "v1",
    admin: { name: "ns/gw", loglevel: "all:INFO", healthcheck_endpoint: "", offload_engine: "None" },
    auth: { type: "static", realm, credentials: {} },
    listeners: listeners.map((one) => ({ name: "ns/gw/a", protocol: "TURN-TLS", address: "$STUNNER_ADDR", port: 1, cert: "c", key: "k", ...one })),
  };
}

function ownerReference(apiVersion: string, kind: string) {
  return { apiVersion, kind, name: "o", uid: "1" };
}

const GATEWAY_OWNER = ownerReference("gateway.networking.k8s.io/v1", "Gateway");

/** A Service with this value of the owned-by label. */
function owned(value: string | undefined, ...ownerReferences: OwnerReference[]): KubeObject {
  const labels = value === undefined ? {} : { labels: { "stunner.l7mp.io/owned-by": value } };
  return { apiVersion: "v1", kind: "Service", metadata: { name: "s", namespace: "ns", ...labels, ownerReferences } };
}

/** What is made for an owner of this kind. */
function desired(kind: string, owner?: string): DesiredObject {
  const ownerReferences = owner ? [{ ...GATEWAY_OWNER, kind: owner, name: "gw" }] : [];
  return { apiVersion: "v1", kind, metadata: { name: "gw", namespace: "ns", ownerReferences } };
}

function failedWrite(object: string): Change {
  return { operation: "failed", object, reason: "Invalid: no" };
}

function statusOf(kind: DesiredStatus["kind"], conditions?: DesiredStatus["status"]["conditions"]): DesiredStatus {
  return { apiVersion: "v1", kind, namespace: "ns", name: "gw", status: { ...(conditions && { conditions }) } };
}

function node(...addresses: [type: string, address: string][]): Node {
  return { apiVersion: "v1", kind: "Node", metadata: { name: "n" }, status: { addresses: addresses.map(([type, address]) => ({ type, address })) } };
}

function lookup(name: string): Promise<string> {
  return name === "known" ? Promise.resolve("192.0.2.9") : Promise.reject(new Error("no"));
}

describe("disrupted (I50, spec/cds.md 6.2)", () => {
  const before = config([{ name: "a" }, { name: "b" }]);

  it.each([
    ["nothing", {}, []],
    ["the public address", { public_address: "192.0.2.1", public_port: 9, routes: ["x"] }, []],
    ["the port", { port: 2 }, ["a"]],
    ["the address", { address: "192.0.2.1" }, ["a"]],
    ["the protocol", { protocol: "TURN-DTLS" as const }, ["a"]],
    ["the certificate", { cert: "d" }, ["a"]],
    ["the key", { key: "d" }, ["a"]],
    ["the name", { name: "c" }, ["a"]],
  ])("by a change of %s", (_, change, expected) => {
    expect(disrupted(before, config([{ name: "a", ...change }, { name: "b" }]))).toEqual(expected);
  });

  it("everything by another realm, and what is removed", () => {
    expect(disrupted(before, config([{ name: "a" }, { name: "b" }], "other"))).toEqual(["a", "b"]);
    expect(disrupted(before, config([{ name: "b" }]))).toEqual(["a"]);
    const { listeners: _listeners, ...none } = before;
    expect(disrupted(before, none)).toEqual(["a", "b"]);
    expect([disrupted(none, before), disrupted(undefined, before)]).toEqual([[], []]);
  });

  it("nothing by a withdrawal", () => {
    const changes = configChanges({ changed: ["new"], deleted: ["ns/gw"] }, new Map([["ns/gw", before]]), { configs: new Map() });
    expect(changes).toEqual([{ operation: "created", object: "config new" }, { operation: "deleted", object: "config ns/gw" }]);
  });
});

describe("release (I9)", () => {
  it("lets go what was seen long enough ago, the limit included", () => {
    expect([...released({ a: 1000, b: 1001 }, ["a", "b", "c"], 2000, 1000)]).toEqual(["a"]);
    expect([...released({}, ["a", "b"], 2000, 0)]).toEqual(["a", "b"]);
  });

  it("remembers the first time, and forgets what is no orphan any more", () => {
    expect(remember({ a: 1, gone: 2 }, ["b", "a", "constructor"], 9)).toEqual({ a: 1, b: 9, constructor: 9 });
  });
});

describe("ownership (I9)", () => {

  it("takes the label and an owner of a kind of ours, of any version", () => {
    expect(ownerOf(owned("stunner", GATEWAY_OWNER))).toEqual(GATEWAY_OWNER);
    expect(ownerOf(owned("stunner", ownerReference("apps/v1", "X"), ownerReference("gateway.networking.k8s.io/v1beta1", "GatewayClass")))?.kind).toBe("GatewayClass");
    expect(ownerOf(owned("stunner", ownerReference("stunner.l7mp.io/v1", "GatewayConfig")))?.kind).toBe("GatewayConfig");
  });

  it("takes neither of them alone, nor a namesake of another group", () => {
    for (const one of [owned(undefined, GATEWAY_OWNER), owned("other", GATEWAY_OWNER), owned("stunner"), owned("stunner", ownerReference("example.org/v1", "Gateway"))]) {
      expect(ownerOf(one)).toBeUndefined();
    }
    expect(ownerOf({ apiVersion: "v1", kind: "Service", metadata: { name: "s", labels: { "stunner.l7mp.io/owned-by": "stunner" } } })).toBeUndefined();
  });

  it("is looked for among all kinds that are made", () => {
    expect(hasOwned(clusterState([owned("stunner")]))).toBe(false);
    expect(hasOwned(clusterState([owned("stunner", GATEWAY_OWNER)]))).toBe(true);
    expect(hasOwned(clusterState([{ ...owned("stunner", GATEWAY_OWNER), kind: "ConfigMap" }]))).toBe(true);
  });
});

describe("writes that failed (I24)", () => {

  it("are told per Gateway, all of them", () => {
    const objects = [desired("Deployment", "Gateway"), desired("Service", "Gateway"), desired("ConfigMap", "GatewayConfig"), desired("X"), desired("Y", "Gateway")];
    const changes = [failedWrite("Deployment ns/gw"), failedWrite("Service ns/gw"), failedWrite("ConfigMap ns/gw"), failedWrite("X"), undefined];
    expect([...failuresByGateway(objects, changes)]).toEqual([
      ["ns/gw", "Deployment ns/gw could not be written: Invalid: no; Service ns/gw could not be written: Invalid: no"],
    ]);
    expect(failuresByGateway([desired("X", "Gateway")], [{ operation: "created", object: "X" }]).size).toBe(0);
    expect([...failuresByGateway([desired("X", "Gateway")], [{ operation: "failed", object: "X" }]).values()]).toEqual(["X could not be written: "]);
  });

  it("make the Gateway not programmed, and nothing else", () => {
    const programmed = { type: "Programmed", status: "True" as const, reason: "Programmed", message: "fine" };
    const accepted = { type: "Accepted", status: "True" as const, reason: "Accepted", message: "fine" };
    const failures = new Map([["ns/gw", "no"]]);
    expect(withFailures([statusOf("Gateway", [accepted, programmed])], failures)[0]?.status.conditions).toEqual([
      accepted,
      { type: "Programmed", status: "False", reason: "Pending", message: "no" },
    ]);
    const waiting = { ...programmed, status: "False" as const, reason: "AddressNotAssigned", message: "no address" };
    expect(withFailures([statusOf("Gateway", [waiting])], failures)[0]?.status.conditions?.[0]).toMatchObject({ reason: "Pending", message: "no address; no" });
    const others = [statusOf("UDPRoute", [programmed]), { ...statusOf("Gateway", [programmed]), name: "other" }, statusOf("Gateway")];
    expect(withFailures(others, failures)).toEqual(others);
    expect(withFailures(others, new Map())).toBe(others);
    const { namespace: _namespace, ...clusterScoped } = statusOf("Gateway", [programmed]);
    expect(withFailures([clusterScoped], new Map([["/gw", "no"]]))[0]?.status.conditions?.[0]?.reason).toBe("Pending");
  });
});

describe("node addresses (spec/cds.md 7)", () => {

  it("are the first ExternalIP, else what the ExternalDNS resolves to, else what it was", async () => {
    const nodes = new Map([
      ["ip", node(["ExternalDNS", "x"], ["ExternalIP", "bad"], ["ExternalIP", "2001:db8::1"], ["ExternalIP", "192.0.2.1"])],
      ["dns", node(["InternalIP", "10.0.0.1"], ["ExternalDNS", "known"])],
      ["kept", node(["ExternalDNS", "unknown"])],
      ["lost", node(["ExternalDNS", "unknown"])],
      ["inner", node(["InternalIP", "10.0.0.1"])],
      ["bare", { ...node(), status: {} }],
    ]);
    expect([...(await nodeAddresses(nodes, lookup, new Map([["kept", "192.0.2.8"], ["inner", "x"]])))]).toEqual([
      ["ip", "2001:db8::1"],
      ["dns", "192.0.2.9"],
      ["kept", "192.0.2.8"],
    ]);
  });
});

describe("what is unread", () => {
  const result = { configs: new Map([["a", {}]]), held: { configs: new Set(["h"]), objects: new Set(["o"]) }, deletions: [{}] } as unknown as RenderResult;
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "s", namespace: "ns" } };
  const state = clusterState([service]);

  it("freezes only where it may have been part of what is published", () => {
    expect(freezes({ now: ["x"], unknown: ["x"], before: [] })).toBe(true);
    expect(freezes({ now: ["x"], unknown: ["x"], before: ["x"] })).toBe(false);
    expect(freezes({ now: ["x"], unknown: [], before: [] })).toBe(false);
  });

  it("holds nothing where everything was read", () => {
    expect(holdUnread(result, state, "c/ours", ["a", "b"], { now: [], unknown: [], before: [] })).toBe(result);
  });

  it("holds what would go; frozen, everything", () => {
    expect(holdUnread(result, state, "c/ours", ["a", "b"], { now: ["x"], unknown: [], before: [] })).toMatchObject({
      deletions: [],
      held: { configs: new Set(["h", "b"]), objects: new Set(["o"]) },
    });
    expect(holdUnread(result, state, "c/ours", ["a", "b"], { now: ["x"], unknown: ["x"], before: [] }).held).toEqual({
      configs: new Set(["h", "a", "b"]),
      objects: new Set(["o", "Service/ns/s"]),
    });
  });
});

/** A class with its conditions. */
function classOf(name: string, controllerName: string, condition: object): KubeObject {
  const status = { conditions: [condition, { type: "Other" }] };
  return { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", metadata: { name }, spec: { controllerName }, status } as KubeObject;
}

describe("statuses while something is unread", () => {
  const accepted = { type: "Accepted", status: "True", reason: "Accepted", message: "fine", lastTransitionTime: "2026-01-01T00:00:00Z", observedGeneration: 3 };
  const state = clusterState([classOf("ours", "c/ours", accepted), classOf("theirs", "c/theirs", accepted), classOf("new", "c/ours", { ...accepted, status: "Unknown" })]);

  it("name it in the classes of ours that have been judged, and change nothing else", () => {
    expect(unreadStatuses(state, "c/ours", ["Secret a/b", "list of services"])).toEqual([{
      apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", name: "ours",
      status: { conditions: [{ ...accepted, message: "could not be read, and what depends on it stays as it is: Secret a/b, list of services" }, { type: "Other" }] },
    }]);
  });

  it("are short", () => {
    const [one] = unreadStatuses(state, "c/ours", Array.from({ length: 13 }, (_, index) => `s${index}`));
    expect(one?.status.conditions?.[0]?.message).toMatch(/ s9 and 3 more$/);
  });
});

describe("small things", () => {
  it("names objects", () => {
    expect([title({ kind: "A", name: "b" }), title({ kind: "A", metadata: { namespace: "n", name: "b" } })]).toEqual(["A b", "A n/b"]);
  });

  it("tells errors of ours from those of Node and from what is no error", () => {
    const ours = Object.assign(new Error("said"), { code: "X", retryable: true });
    expect(toReportError(ours)).toEqual({ code: "X", message: "said" });
    for (const other of [Object.assign(new Error("path /secret"), { code: "ENOENT" }), new Error("x"), "text", undefined]) {
      expect([isOurs(other), toReportError(other).code]).toEqual([false, "Bug"]);
    }
  });
});
