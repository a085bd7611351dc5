import { CONTROLLER_NAME } from "../../shared/resources/constants.ts";
import type { JsonObject } from "../support/json.ts";

/** Teams of a cluster: its Gateways are spread over so many namespaces. */
const NAMESPACES = 10;

/** What is there before the first Gateway: as a cluster that exists for a while, with three nodes. */
export function platform(): JsonObject[] {
  const namespaces = ["kube-system", "stunner", ...Array.from({ length: NAMESPACES }, (_, n) => `team-${n}`)];
  return [
    ...namespaces.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
    ...[1, 2, 3].map((n) => ({
      apiVersion: "v1", kind: "Node", metadata: { name: `node-${n}` },
      status: { addresses: [{ type: "InternalIP", address: `10.0.0.${n}` }, { type: "ExternalIP", address: `198.51.100.${n}` }] },
    })),
    { apiVersion: "stunner.l7mp.io/v1", kind: "Dataplane", metadata: { name: "default" }, spec: { image: "docker.io/l7mp/stunnerd:1.2.1", replicas: 1 } },
    {
      apiVersion: "stunner.l7mp.io/v1", kind: "GatewayConfig", metadata: { name: "turn", namespace: "stunner" },
      spec: { authType: "static", userName: "user", password: "pass" },
    },
    {
      apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", metadata: { name: "turn" },
      spec: { controllerName: CONTROLLER_NAME, parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", name: "turn", namespace: "stunner" } },
    },
  ];
}

export function namespaceOf(n: number): string {
  return `team-${n % NAMESPACES}`;
}

/** Gateway number `n`: with a route, the Service that this leads to, and the addresses of its two pods. */
export function member(n: number): JsonObject[] {
  const namespace = namespaceOf(n);
  const name = `media-${n}`;
  return [
    { apiVersion: "v1", kind: "Service", metadata: { name, namespace }, spec: { clusterIP: `10.96.${n >> 8}.${n & 255}`, ports: [{ name: "rtp", port: 9001, protocol: "UDP" }] } },
    slice(n, [`10.244.${n >> 8}.${n & 255}`, `10.245.${n >> 8}.${n & 255}`]),
    {
      apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", metadata: { name: `gw-${n}`, namespace },
      spec: { gatewayClassName: "turn", listeners: [{ name: "udp", port: 3478, protocol: "TURN-UDP" }] },
    },
    {
      apiVersion: "stunner.l7mp.io/v1", kind: "UDPRoute", metadata: { name, namespace },
      spec: { parentRefs: [{ name: `gw-${n}` }], rules: [{ backendRefs: [{ name, namespace }] }] },
    },
  ];
}

/** The EndpointSlice of the Service of Gateway number `n`: what changes when its pods are replaced. */
export function slice(n: number, addresses: readonly string[], service = `media-${n}`): JsonObject {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${service}-1`, namespace: namespaceOf(n), labels: { "kubernetes.io/service-name": service } },
    addressType: "IPv4",
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: "rtp", port: 9001, protocol: "UDP" }],
  };
}
