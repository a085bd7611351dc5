import * as fc from "fast-check";
import type { JsonObject } from "../json.ts";
import { PAIRS } from "./configuration.ts";
import { CLASSES, CONTROLLERS, GATEWAYS, NAMESPACES, SECRET_MARK, base64, pick, uidOf } from "./names.ts";

const [namespace] = NAMESPACES;
const [className] = CLASSES;
const [gateway] = GATEWAYS;
const [pair] = Object.values(PAIRS);

const gatewayClass = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "GatewayClass",
  metadata: { name: className, uid: uidOf("GatewayClass", "", className), generation: 1 },
  spec: { controllerName: CONTROLLERS[0], parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", namespace, name: "config" } },
};

const gatewayConfig = (spec: JsonObject): JsonObject => ({
  apiVersion: "stunner.l7mp.io/v1",
  kind: "GatewayConfig",
  metadata: { name: "config", namespace, uid: uidOf("GatewayConfig", namespace, "config") },
  spec,
});

/** Sound credentials of every kind. */
const gatewayConfigs = [
  gatewayConfig({ userName: "alice", password: SECRET_MARK }),
  gatewayConfig({ authType: "ephemeral", sharedSecret: `$\{${SECRET_MARK}` }),
  gatewayConfig({ authRef: { name: "core-auth" } }),
];

const secret = (name: string, data: JsonObject): JsonObject => ({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, data });

const owned = {
  name: gateway,
  namespace,
  labels: { "stunner.l7mp.io/owned-by": "stunner" },
  annotations: { "stunner.l7mp.io/related-gateway-name": `${namespace}/${gateway}` },
  ownerReferences: [
    { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: gateway, uid: uidOf("Gateway", namespace, gateway) },
  ],
};

const rest: JsonObject[] = [
  { apiVersion: "stunner.l7mp.io/v1", kind: "Dataplane", metadata: { name: "default" }, spec: { image: "l7mp/stunnerd:1.2.1" } },
  secret("cert", { "tls.crt": pair?.cert ?? "", "tls.key": pair?.key ?? "" }),
  secret("core-auth", { type: base64("static"), username: base64("$FOO"), password: base64(`"$\{${SECRET_MARK}`) }),
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "sfu", namespace },
    spec: { clusterIP: "10.96.0.20", ports: [{ port: 9001, protocol: "UDP" }] },
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "sfu-core", namespace, labels: { "kubernetes.io/service-name": "sfu" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.1.0.9", "10.1.0.10"] }],
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: owned,
    spec: { type: "LoadBalancer", ports: [{ name: "udp", port: 3478, protocol: "UDP", nodePort: 30_478 }] },
    status: { loadBalancer: { ingress: [{ ip: "203.0.113.10" }] } },
  },
  { apiVersion: "apps/v1", kind: "Deployment", metadata: owned, spec: { selector: { matchLabels: { app: "stunner" } }, template: {} } },
];

/**
 * What most references name: a class with its GatewayConfig and Dataplane, a certificate, a backend, and what an earlier
 * pass made for a Gateway. Half of the time all of it is there, so that the Gateways of the class are rendered.
 */
export const core: fc.Arbitrary<JsonObject[]> = pick(...gatewayConfigs).chain((config) => {
  const all = [gatewayClass, config, ...rest];
  return fc.oneof(fc.constant(all), fc.subarray(all, { minLength: 5 }));
});
