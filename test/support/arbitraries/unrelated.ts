import * as fc from "fast-check";
import type { JsonObject } from "../json.ts";
import { pick } from "./names.ts";

/** A namespace that nothing else in a random cluster is in or refers to. */
const ELSEWHERE = "elsewhere";

const metadata = { name: "unrelated", namespace: ELSEWHERE, uid: "uid-unrelated", generation: 1 };
const parentRefs = [{ name: "nobody" }];
const rules = [{ backendRefs: [{ name: "unrelated" }] }];

const OBJECTS: readonly JsonObject[] = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: ELSEWHERE, labels: { team: "media" } } },
  { apiVersion: "v1", kind: "Secret", metadata, data: { username: "dQ==", password: "cA==", "tls.crt": "AA==" } },
  { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "stunnerd.conf": "{}" } },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: { type: "LoadBalancer", ports: [{ port: 3478, protocol: "UDP" }] },
    status: { loadBalancer: { ingress: [{ ip: "203.0.113.99" }] } },
  },
  { apiVersion: "v1", kind: "Endpoints", metadata, subsets: [{ addresses: [{ ip: "10.9.9.9" }] }] },
  { apiVersion: "v1", kind: "Node", metadata: { name: "unrelated" }, status: { addresses: [{ type: "InternalIP", address: "10.8.8.8" }] } },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...metadata, labels: { "kubernetes.io/service-name": "unrelated" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.9.9.9"] }],
  },
  { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { selector: { matchLabels: { app: "x" } } } },
  { apiVersion: "apps/v1", kind: "DaemonSet", metadata, spec: { selector: { matchLabels: { app: "x" } } } },
  { apiVersion: "stunner.l7mp.io/v1", kind: "GatewayConfig", metadata, spec: { userName: "u", password: "p" } },
  { apiVersion: "stunner.l7mp.io/v1", kind: "Dataplane", metadata: { name: "unrelated" }, spec: { replicas: 7 } },
  { apiVersion: "stunner.l7mp.io/v1", kind: "StaticService", metadata, spec: { prefixes: ["0.0.0.0/0"] } },
  { apiVersion: "stunner.l7mp.io/v1", kind: "UDPRoute", metadata, spec: { parentRefs, rules } },
  {
    apiVersion: "gateway.networking.k8s.io/v1alpha2",
    kind: "UDPRoute",
    metadata: { ...metadata, name: "another" },
    spec: { parentRefs, rules },
  },
  {
    apiVersion: "gateway.networking.k8s.io/v1beta1",
    kind: "ReferenceGrant",
    metadata,
    spec: { from: [{ group: "", kind: "Secret", namespace: "media" }], to: [{ group: "", kind: "Secret" }] },
  },
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "GatewayClass",
    metadata: { name: "unrelated" },
    spec: { controllerName: "unrelated.example/controller" },
  },
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata,
    spec: { gatewayClassName: "unrelated", listeners: [{ name: "udp", port: 3478, protocol: "UDP" }] },
  },
];

/** Objects of every kind that nothing refers to and that refer to nothing of ours. */
export const unrelatedObjects: fc.Arbitrary<JsonObject[]> = fc.array(pick(...OBJECTS), { minLength: 1, maxLength: 4 });
