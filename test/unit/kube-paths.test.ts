import { expect, test } from "vitest";
import { collectionPath, objectPath, versionPath } from "../../shared/kube/paths.ts";

test("versions of the core group and of others", () => {
  expect(versionPath("v1")).toBe("/api/v1");
  expect(versionPath("apps/v1")).toBe("/apis/apps/v1");
});

test("collections of all namespaces, or of one", () => {
  expect(collectionPath({ plural: "services" }, "v1")).toBe("/api/v1/services");
  expect(collectionPath({ plural: "deployments" }, "apps/v1", "a/b")).toBe("/apis/apps/v1/namespaces/a%2Fb/deployments");
});

test("objects and their status, with and without a namespace, at the version that is asked for", () => {
  const gateway = { apiVersion: "gateway.networking.k8s.io/v1beta1", kind: "Gateway", namespace: "x", name: "y?" };
  expect(objectPath(gateway)).toBe("/apis/gateway.networking.k8s.io/v1beta1/namespaces/x/gateways/y%3F");
  expect(objectPath(gateway, "status")).toBe("/apis/gateway.networking.k8s.io/v1beta1/namespaces/x/gateways/y%3F/status");
  expect(objectPath({ apiVersion: "v1", kind: "Node", namespace: "ignored", name: "n" })).toBe("/api/v1/nodes/n");
});

test("a kind that nobody knows is a mistake", () => {
  expect(() => objectPath({ apiVersion: "v1", kind: "Pod", name: "x" })).toThrow(TypeError);
});
