import * as fc from "fast-check";
import type { JsonObject } from "../json.ts";
import { CLASSES, CONTROLLERS, GATEWAYS, LABELS, LISTENERS, SECRETS, labels, list, mapOf, metadata, namespace, pick, some } from "./names.ts";
import { conditions, gatewayStatus } from "./status.ts";

const PROTOCOLS = ["TURN-UDP", "TURN-TCP", "TURN-TLS", "TURN-DTLS", "UDP", "TCP", "TLS", "DTLS", "turn-udp", "Turn-Tls", "dtls", "tcp", "HTTP", "SCTP", "dummy", "example.com/udp"];
const PORT_MAPS = [
  '{"udp":30478}',
  '"udp": 30478, "tcp": 30479',
  '{"udp":3478,"tcp":3478,"tls":3478}',
  '{"udp":80,"tls":0}',
  '{"udp":-1,"tcp":70000}',
  '{"udp":30478.5}',
  '{"udp":"30478"}',
  '{"constructor":30111}',
  '{"gateway-health-check":30222}',
  '{"udp":8086,"tcp":8086,"tls":8080}',
  "{",
  "",
  "{}",
  "[]",
  "null",
  '{"udp":{}}',
  "udp=1",
];

/** Every annotation that means something, with values that are right, wrong and no JSON at all (spec/resources.md 2.6). */
export const serviceAnnotations: fc.Arbitrary<JsonObject> = some(
  {},
  {
    "stunner.l7mp.io/service-type": pick("ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "None", "none", "nodeport", "bogus", ""),
    "stunner.l7mp.io/enable-mixed-protocol-lb": pick("true", "TRUE", "yes", ""),
    "stunner.l7mp.io/external-traffic-policy": pick("local", "Local", "cluster", ""),
    "stunner.l7mp.io/nodeport": pick(...PORT_MAPS),
    "stunner.l7mp.io/targetport": pick(...PORT_MAPS),
    "stunner.l7mp.io/disable-health-check-expose": pick("true", "no"),
    "stunner.l7mp.io/disable-session-affinity": pick("true", "no"),
    "stunner.l7mp.io/disable-managed-dataplane": pick("true", "True", "no"),
    "stunner.l7mp.io/enable-relay-address-discovery": pick("true", "no"),
    "stunner.l7mp.io/related-gateway-name": pick("media/other", ""),
    "service.beta.kubernetes.io/do-loadbalancer-healthcheck-port": pick("8086", "3478", "x", "-1", "99999999999"),
    "service.beta.kubernetes.io/do-loadbalancer-healthcheck-protocol": pick("http", "TCP", "udp", ""),
    "kubectl.kubernetes.io/last-applied-configuration": fc.constant("{}"),
    "argocd.argoproj.io/instance": fc.constant("x"),
    "example.com/note": pick("a", "b"),
  },
);

const selector = some(
  {},
  {
    matchLabels: labels,
    matchExpressions: list(some({ key: pick(...LABELS), operator: pick("In", "NotIn", "Exists", "DoesNotExist", "Bogus") }, { values: list(pick("media", "infra"), 2) }), 2),
  },
);

const allowedRoutes = some(
  {},
  {
    namespaces: some({ from: pick("All", "All", "Same", "Selector") }, { selector }),
    kinds: list(some({ kind: pick("UDPRoute", "UDPRoute", "TCPRoute") }, { group: pick("gateway.networking.k8s.io", "stunner.l7mp.io") }), 2),
  },
);

const tls = some(
  { certificateRefs: list(some({ name: pick(...SECRETS, "missing") }, { namespace, kind: pick("Secret", "ConfigMap"), group: pick("", "v1") }), 3, 1) },
  { mode: pick("Terminate", "Terminate", "Passthrough") },
);

const listener = some(
  { name: pick(...LISTENERS), port: pick(3478, 3478, 443, 8086, 8080, 1, 65535), protocol: pick(...PROTOCOLS) },
  { allowedRoutes, tls, hostname: fc.constant("turn.example") },
).map(withoutForbidden);

/** The API server refuses `tls` and `hostname` on some protocols; refused Gateways would test nothing. */
function withoutForbidden(one: JsonObject): JsonObject {
  const { tls: _tls, hostname: _hostname, ...plain } = one;
  return ["HTTP", "TCP", "UDP"].includes(String(one["protocol"])) ? plain : one;
}

const listeners = fc
  .uniqueArray(listener, { selector: (one) => one["name"], minLength: 1, maxLength: 5 })
  .map((all) => [...new Map(all.map((one) => [`${String(one["port"])} ${String(one["protocol"])} ${String(one["hostname"])}`, one])).values()]);

const address = fc.oneof(
  some({ value: pick("198.51.100.9", "2001:db8::9", "") }, { type: fc.constant("IPAddress") }),
  some({ type: fc.constant("Hostname"), value: pick("turn.example", "*.example") }),
  some({ type: pick("NamedAddress", "example.com/pool"), value: pick("pool-1", "") }),
  some({ type: fc.constant("Hostname") }),
);

const infrastructure = some(
  {},
  {
    labels,
    annotations: mapOf(["example.com/infra", "argocd.argoproj.io/instance"], pick("i", "j")),
    parametersRef: some({ group: pick("stunner.l7mp.io", "stunner.l7mp.io", "example.com"), kind: pick("Dataplane", "Dataplane", "ConfigMap"), name: pick("default", "edge", "missing") }),
  },
);

export const gateway: fc.Arbitrary<JsonObject> = some(
  {
    apiVersion: fc.constant("gateway.networking.k8s.io/v1"),
    kind: fc.constant("Gateway"),
    metadata: metadata("Gateway", pick(...GATEWAYS), {
      annotations: serviceAnnotations,
      optional: { managedFields: managedFields(), deletionTimestamp: fc.constant("2026-01-03T00:00:00Z") },
    }),
    spec: some(
      { gatewayClassName: pick(...CLASSES, "ours", "ours", "absent"), listeners },
      { addresses: fc.uniqueArray(address, { selector: (one) => JSON.stringify([one["type"] ?? "IPAddress", one["value"]]), maxLength: 2 }), infrastructure },
    ),
  },
  { status: gatewayStatus },
);

const conditionKey = (type: string): string => `k:${JSON.stringify({ type })}`;

/** Who wrote the status, ours or somebody else, as an API server notes it. */
export function managedFields(): fc.Arbitrary<JsonObject[]> {
  return list(
    some(
      {
        manager: pick("stunner-serverless", "kubectl"),
        operation: pick("Apply", "Update"),
        apiVersion: fc.constant("gateway.networking.k8s.io/v1"),
        fieldsType: fc.constant("FieldsV1"),
        fieldsV1: pick({ "f:status": { "f:conditions": { [conditionKey("Accepted")]: { ".": {} }, [conditionKey("Programmed")]: { ".": {} } } } }, { "f:spec": {} }, {}),
      },
      { subresource: fc.constant("status"), time: fc.constant("2026-01-01T00:00:00Z") },
    ),
    2,
  );
}

export const gatewayClass: fc.Arbitrary<JsonObject> = some(
  {
    apiVersion: fc.constant("gateway.networking.k8s.io/v1"),
    kind: fc.constant("GatewayClass"),
    metadata: metadata("GatewayClass", pick(...CLASSES), { cluster: true }),
    spec: some(
      { controllerName: pick(CONTROLLERS[0], CONTROLLERS[0], CONTROLLERS[0], ...CONTROLLERS) },
      {
        parametersRef: fc.oneof(
          { weight: 4, arbitrary: some({ group: fc.constant("stunner.l7mp.io"), kind: fc.constant("GatewayConfig"), name: pick("config", "config", "second"), namespace }) },
          { weight: 1, arbitrary: some({ group: pick("stunner.l7mp.io", "example.com"), kind: pick("GatewayConfig", "ConfigMap"), name: pick("config", "missing") }, { namespace }) },
        ),
      },
    ),
  },
  { status: some({ conditions: conditions() }) },
);
