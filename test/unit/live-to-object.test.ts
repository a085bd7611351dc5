import { describe, expect, test } from "vitest";
import { kindOf, type KindInfo } from "../../shared/resources/kinds.ts";
import { toObject } from "../../shared/state/live/to-object.ts";

const infoOf = (apiVersion: string, kind: string): KindInfo => {
  const info = kindOf({ apiVersion, kind });
  if (!info) throw new TypeError(`no kind ${kind}`);
  return info;
};

describe("an object as an API server gives it", () => {
  test("of an older version is told what has no effect any more, and stays as it was", () => {
    const raw = { apiVersion: "stunner.l7mp.io/v1alpha1", kind: "GatewayConfig", metadata: { name: "x", namespace: "ns" }, spec: { realm: "a.b", minPort: 1 } };
    const before = structuredClone(raw);
    const { object, problems } = toObject(infoOf("stunner.l7mp.io/v1", "GatewayConfig"), raw);
    expect(object).toMatchObject({ apiVersion: "stunner.l7mp.io/v1", spec: { realm: "a.b" } });
    expect(object?.["spec"]).not.toHaveProperty("minPort");
    expect(problems).toMatchObject([{ severity: "warning", object: "GatewayConfig ns/x", field: "spec.minPort", reason: "RetiredField" }]);
    expect(raw).toEqual(before);
  });

  test("may have null for an empty list", () => {
    const raw = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name: "x", namespace: "ns" }, addressType: "IPv4", endpoints: null };
    expect(toObject(infoOf("discovery.k8s.io/v1", "EndpointSlice"), raw)).toMatchObject({ object: { addressType: "IPv4" }, problems: [] });
  });

  test("that cannot be read is told with the field, and keeps its name and labels", () => {
    const metadata = { name: "x", namespace: "ns", labels: { a: "b" } };
    const raw = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", metadata, spec: { gatewayClassName: "turn", listeners: 5 } };
    const { object, unreadable } = toObject(infoOf("gateway.networking.k8s.io/v1", "Gateway"), raw);
    expect(object).toBeUndefined();
    const problem = { severity: "error", object: "Gateway ns/x", field: "spec.listeners", reason: "Unreadable" };
    expect(unreadable).toMatchObject({ key: "ns/x", labels: { a: "b" }, problem });
  });

  test.each([5, { name: "x", labels: 5 }])("with the metadata %j cannot be read and has no labels", (metadata) => {
    expect(toObject(infoOf("v1", "Node"), { metadata }).unreadable).toMatchObject({ labels: {}, problem: { reason: "Unreadable" } });
  });
});
