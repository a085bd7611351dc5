import { expect, it } from "vitest";
import { rightOf } from "../../shared/kube/right.ts";

it.each([
  ["GET", "/api/v1/namespaces/media", 'get on namespaces of API group ""'],
  ["GET", "/api/v1/namespaces", 'list on namespaces of API group ""'],
  ["GET", "/api/v1/namespaces/media/services", 'list on services of API group ""'],
  ["GET", "/api/v1/services", 'list on services of API group ""'],
  ["GET", "/apis/apps/v1/namespaces/media/deployments/gw", 'get on deployments of API group "apps"'],
  ["POST", "/apis/apps/v1/namespaces/media/deployments", 'create on deployments of API group "apps"'],
  ["PATCH", "/api/v1/namespaces/media/services/gw", 'patch on services of API group ""'],
  ["DELETE", "/apis/apps/v1/namespaces/media/daemonsets/gw", 'delete on daemonsets of API group "apps"'],
  ["PUT", "/apis/gateway.networking.k8s.io/v1/namespaces/media/gateways/gw/status", 'update on gateways/status of API group "gateway.networking.k8s.io"'],
  ["PUT", "/apis/gateway.networking.k8s.io/v1/gatewayclasses/turn/status", 'update on gatewayclasses/status of API group "gateway.networking.k8s.io"'],
  ["GET", "/apis", undefined],
  ["GET", "/apis/apps/v1", undefined],
] as const)("%s %s", (method, path, right) => {
  expect(rightOf({ method, path })).toBe(right);
});

it("tells a watch from a list", () => {
  expect(rightOf({ method: "GET", path: "/api/v1/nodes", query: { watch: "true" } })).toBe('watch on nodes of API group ""');
});
