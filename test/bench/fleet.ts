import type { AnyKubeObject } from "../../shared/resources/kinds.ts";

/** A cluster of `count` Gateways, each with a route, a Service with an address, and an EndpointSlice of two pods. */
export function fleet(count: number): AnyKubeObject[] {
  const objects: AnyKubeObject[] = [
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "GatewayClass",
      metadata: { name: "turn", uid: "class", generation: 1 },
      spec: {
        controllerName: "stunner.l7mp.io/gateway-operator",
        parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", namespace: "infra", name: "config" },
      },
    },
    {
      apiVersion: "stunner.l7mp.io/v1",
      kind: "GatewayConfig",
      metadata: { name: "config", namespace: "infra", uid: "config", generation: 1 },
      spec: { userName: "user", password: "pass" },
    },
    { apiVersion: "stunner.l7mp.io/v1", kind: "Dataplane", metadata: { name: "default", uid: "dataplane" }, spec: {} },
  ];
  for (let n = 0; n < count; n++) objects.push(...member(n));
  return objects;
}

function member(n: number): AnyKubeObject[] {
  const namespace = `ns-${n % 50}`;
  const name = `gw-${n}`;
  const owner = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name, uid: `uid-${n}` };
  return [
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name, namespace, uid: `uid-${n}`, generation: 1, labels: { app: "media" }, annotations: { owner: "team-rtc" } },
      spec: { gatewayClassName: "turn", listeners: [{ name: "udp", port: 3478, protocol: "TURN-UDP" }] },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name,
        namespace,
        labels: { "stunner.l7mp.io/owned-by": "stunner" },
        annotations: { "stunner.l7mp.io/related-gateway-name": `${namespace}/${name}` },
        ownerReferences: [owner],
      },
      spec: { type: "LoadBalancer", ports: [{ name: "udp", port: 3478, protocol: "UDP", nodePort: 30_000 + (n % 2768) }] },
      status: { loadBalancer: { ingress: [{ ip: `203.0.${(n >> 8) & 255}.${n & 255}` }] } },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: `media-${n}`, namespace },
      spec: { clusterIP: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`, ports: [{ port: 9000, protocol: "UDP" }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: `media-${n}-1`, namespace, labels: { "kubernetes.io/service-name": `media-${n}` } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.244.0.1"] }, { addresses: ["10.244.0.2"] }],
    },
    {
      apiVersion: "stunner.l7mp.io/v1",
      kind: "UDPRoute",
      metadata: { name: `route-${n}`, namespace, generation: 1 },
      spec: { parentRefs: [{ name }], rules: [{ backendRefs: [{ name: `media-${n}` }] }] },
    },
  ];
}
