import * as fc from "fast-check";
import type { JsonObject } from "../json.ts";
import {
  LISTENERS,
  NAMESPACES,
  SERVICES,
  GATEWAYS,
  gatewayName,
  labels,
  list,
  mapOf,
  metadata,
  mostly,
  pick,
  some,
  uidOf,
} from "./names.ts";

const ADDRESSES = [
  "10.0.0.1",
  "10.0.0.10",
  "10.0.0.9",
  "2001:db8::1",
  "::ffff:10.0.0.1",
  "pod.example",
  "10.0.0.1:80",
  "fe80::1%eth0",
  "010.0.0.1",
  "",
  "192.0.2.0/24",
];
const address = pick(...ADDRESSES);

const related = some(
  {},
  { "stunner.l7mp.io/related-gateway-name": pick(...NAMESPACES.flatMap((space) => GATEWAYS.map((name) => `${space}/${name}`))) },
);

/** References to a Gateway, right or with another UID, and to somebody else. */
const ownerReferences = list(
  fc.oneof(
    fc.tuple(pick(...NAMESPACES), pick(...GATEWAYS)).map(([space, name]) => ({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      name,
      uid: uidOf("Gateway", space, name),
    })),
    fc.constant({ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: "gw", uid: "another" }),
    fc.constant({ apiVersion: "v1", kind: "ConfigMap", name: "gw", uid: "x" }),
  ),
  2,
);

const owned = { ownerReferences, labels: mapOf(["stunner.l7mp.io/owned-by", "app"], mostly("stunner", "else")) };

const ingress = some(
  {},
  {
    ip: pick("203.0.113.1", "2001:db8::2", "203.0.113.2"),
    hostname: pick("lb.example"),
    ports: list(some({ port: pick(3478, 443), protocol: pick("UDP", "TCP") }, { error: fc.constant("Bad") }), 2),
  },
);

const servicePort = some(
  { name: pick(...LISTENERS), port: pick(3478, 443, 5349, 9001), protocol: pick("UDP", "TCP") },
  { nodePort: pick(30_478, 31_000, 0), targetPort: pick<number | string>(3478, "named") },
);

/** Distinct by name and by number, as the API server wants them. */
function ports(): fc.Arbitrary<JsonObject[]> {
  return fc
    .uniqueArray(servicePort, { selector: (one) => one["name"], minLength: 1, maxLength: 4 })
    .map((all) => [...new Map(all.map((one) => [`${String(one["port"])} ${String(one["protocol"])}`, one])).values()]);
}

export const service: fc.Arbitrary<JsonObject> = some(
  {
    apiVersion: fc.constant("v1"),
    kind: fc.constant("Service"),
    metadata: metadata("Service", fc.oneof(mostly(...SERVICES), gatewayName), { annotations: related, optional: owned }),
  },
  {
    spec: some(
      { ports: ports(), externalName: fc.constant("x.example") },
      {
        type: mostly("LoadBalancer", "ClusterIP", "NodePort", "ExternalName"),
        clusterIP: pick("10.96.0.1", "None", "", "2001:db8:96::1"),
        selector: fc.constant({ app: "x" }),
        loadBalancerIP: fc.constant("198.51.100.4"),
      },
    ),
    status: some({}, { loadBalancer: some({}, { ingress: list(ingress, 2) }) }),
  },
);

export const endpointSlice: fc.Arbitrary<JsonObject> = some(
  {
    apiVersion: fc.constant("discovery.k8s.io/v1"),
    kind: fc.constant("EndpointSlice"),
    metadata: metadata("EndpointSlice", pick("s-1", "s-2", "s-3"), {
      optional: { labels: mapOf(["kubernetes.io/service-name"], mostly(...SERVICES)) },
    }),
    addressType: pick("IPv4", "IPv6", "FQDN"),
  },
  {
    endpoints: list(
      some({ addresses: list(address, 2, 1) }, { conditions: some({}, { ready: fc.boolean(), terminating: fc.boolean() }) }),
      3,
    ),
  },
);

export const endpoints: fc.Arbitrary<JsonObject> = some(
  { apiVersion: fc.constant("v1"), kind: fc.constant("Endpoints"), metadata: metadata("Endpoints", pick(...SERVICES)) },
  { subsets: list(some({}, { addresses: list(some({ ip: address }), 2), notReadyAddresses: list(some({ ip: address }), 2) }), 2) },
);

export const staticService: fc.Arbitrary<JsonObject> = some({
  apiVersion: fc.constant("stunner.l7mp.io/v1"),
  kind: fc.constant("StaticService"),
  metadata: metadata("StaticService", mostly("office", "branch")),
  spec: some({ prefixes: list(pick(...ADDRESSES, "0.0.0.0/0", "10.0.0.0/33", "dummy", "2001:db8::/64", "10.0.0.5/08"), 4) }),
});

export const node: fc.Arbitrary<JsonObject> = some(
  { apiVersion: fc.constant("v1"), kind: fc.constant("Node"), metadata: metadata("Node", pick("n1", "n2"), { cluster: true }) },
  {
    status: some(
      {},
      {
        addresses: list(
          some({
            type: pick("InternalIP", "ExternalIP", "ExternalDNS", "Hostname"),
            address: pick("198.51.100.1", "2001:db8::5", "node.example", ""),
          }),
          3,
        ),
      },
    ),
  },
);

export const namespaceObject: fc.Arbitrary<JsonObject> = some({
  apiVersion: fc.constant("v1"),
  kind: fc.constant("Namespace"),
  metadata: metadata("Namespace", pick(...NAMESPACES), { cluster: true, optional: { labels } }),
});

const template = { metadata: { labels: { app: "stunner" } }, spec: { containers: [{ name: "stunner-daemon", image: "x" }] } };

export const workload: fc.Arbitrary<JsonObject> = some({
  apiVersion: fc.constant("apps/v1"),
  kind: pick("Deployment", "DaemonSet"),
  metadata: metadata("Deployment", gatewayName, { annotations: related, optional: owned }),
  spec: some({ selector: fc.constant({ matchLabels: { app: "stunner" } }), template: fc.constant(template) }, { replicas: pick(0, 1, 3) }),
});

export const configMap: fc.Arbitrary<JsonObject> = some(
  {
    apiVersion: fc.constant("v1"),
    kind: fc.constant("ConfigMap"),
    metadata: metadata("ConfigMap", pick("stunnerd-config", "gw"), { optional: owned }),
  },
  { data: some({}, { "stunnerd.conf": pick("", "{}", "no JSON"), other: fc.constant("x") }) },
);
