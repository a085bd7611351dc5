import { afterAll, beforeAll, expect, test } from "vitest";
import { CLIENT_PROXY_IMAGE, clientProxy } from "../../infra/client-proxy/client-proxy.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { reference, type Manifest } from "./resource.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ gatewayApi: "newest" });
});
afterAll(() => cluster.stop());

test("the pod of manifests --client-proxy is taken where only restricted pods are", async () => {
  const namespace = { ...reference("v1", "Namespace", "restricted"), metadata: { name: "restricted", labels: { "pod-security.kubernetes.io/enforce": "restricted" } } };
  await cluster.apply(namespace);
  const objects = clientProxy({ url: "https://cds.example", cluster: "prod", namespace: "restricted", image: CLIENT_PROXY_IMAGE, version: "1.2.3", secret: "token", ca: "PEM", service: true });
  for (const object of objects as Manifest[]) await cluster.create(object);
  const live = await cluster.get(reference("apps/v1", "Deployment", "stunner-serverless-client-proxy", "restricted"));
  const { template } = (live?.["spec"] ?? {}) as { readonly template?: { readonly metadata: object; readonly spec: object } };
  // What its ReplicaSet would make of it.
  await cluster.create(reference("v1", "ServiceAccount", "default", "restricted"));
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { ...template?.metadata, name: "pod", namespace: "restricted" }, spec: template?.spec };
  await cluster.create(pod as unknown as Manifest);
  const found = await cluster.list("v1", "Pod", undefined, { labelSelector: "stunner.l7mp.io/config-discovery-service=enabled" });
  expect(found.map(({ metadata }) => metadata.name)).toEqual(["pod"]);
});
