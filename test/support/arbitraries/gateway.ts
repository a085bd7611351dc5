import * as fc from "fast-check";
import type { JsonObject } from "../json.ts";
import { serviceAnnotations } from "./annotations.ts";
import { CLASSES, LABELS, LISTENERS, gatewayName, labels, list, mapOf, metadata, mostly, namespace, pick, rarely, some } from "./names.ts";
import { gatewayStatus } from "./status.ts";

const PLAIN = ["TURN-UDP", "TURN-TCP", "UDP", "TCP", "turn-udp", "tcp"];
const SECURE = ["TURN-TLS", "TURN-DTLS", "TLS", "DTLS", "Turn-Tls", "dtls"];
const UNSUPPORTED = ["HTTP", "SCTP", "dummy", "example.com/udp"];
const selector = some(
  {},
  {
    matchLabels: labels,
    matchExpressions: list(
      some(
        { key: pick(...LABELS), operator: pick("In", "NotIn", "Exists", "DoesNotExist", "Bogus") },
        { values: list(pick("media", "infra"), 2) },
      ),
      2,
    ),
  },
);

const allowedRoutes = some(
  {},
  {
    namespaces: some({ from: mostly("All", "Same", "Selector") }, { selector }),
    kinds: rarely(list(some({ kind: mostly("UDPRoute", "TCPRoute") }, { group: pick("stunner.l7mp.io", "gateway.networking.k8s.io") }), 2)),
  },
);

const tls = some(
  {
    certificateRefs: list(
      some(
        { name: mostly("cert", "auth", "other", "missing") },
        { namespace, kind: mostly("Secret", "ConfigMap"), group: mostly("", "v1", "apps") },
      ),
      3,
      1,
    ),
  },
  { mode: mostly("Terminate", "Passthrough") },
);

const base = { name: pick(...LISTENERS), port: pick(3478, 443, 5349, 8086, 8080, 1, 65_535) };
const more = { allowedRoutes, hostname: rarely(fc.constant("turn.example")) };

const listener = fc
  .oneof(
    { weight: 3, arbitrary: some({ ...base, protocol: pick(...PLAIN) }, more) },
    { weight: 3, arbitrary: some({ ...base, protocol: pick(...SECURE), tls }, more) },
    { weight: 1, arbitrary: some({ ...base, protocol: pick(...PLAIN, ...SECURE, ...UNSUPPORTED) }, { ...more, tls }) },
  )
  .map(withoutForbidden);

/** The API server refuses `tls` and `hostname` on some protocols; refused Gateways would test nothing. */
function withoutForbidden(one: JsonObject): JsonObject {
  const { tls: _tls, hostname: _hostname, ...plain } = one;
  return ["HTTP", "TCP", "UDP"].includes(String(one["protocol"])) ? plain : one;
}

const listeners = fc
  .uniqueArray(listener, { selector: (one) => one["name"], minLength: 1, maxLength: 5 })
  .map((all) => [
    ...new Map(all.map((one) => [`${String(one["port"])} ${String(one["protocol"])} ${String(one["hostname"])}`, one])).values(),
  ]);

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
    parametersRef: some({
      group: mostly("stunner.l7mp.io", "example.com"),
      kind: mostly("Dataplane", "ConfigMap"),
      name: mostly("default", "edge", "missing"),
    }),
  },
);

export const gateway: fc.Arbitrary<JsonObject> = some(
  {
    apiVersion: fc.constant("gateway.networking.k8s.io/v1"),
    kind: fc.constant("Gateway"),
    metadata: metadata("Gateway", gatewayName, {
      annotations: serviceAnnotations,
      optional: { managedFields: managedFields(), deletionTimestamp: rarely(fc.constant("2026-01-03T00:00:00Z")) },
    }),
    spec: some(
      { gatewayClassName: mostly(...CLASSES, "absent"), listeners },
      {
        addresses: rarely(
          fc.uniqueArray(address, { selector: (one) => JSON.stringify([one["type"] ?? "IPAddress", one["value"]]), maxLength: 2 }),
        ),
        infrastructure: rarely(infrastructure),
      },
    ),
  },
  { status: gatewayStatus },
);

function conditionKey(type: string): string {
  return `k:${JSON.stringify({ type })}`;
}

/** Who wrote the status, ours or somebody else, as an API server notes it. */
export function managedFields(): fc.Arbitrary<JsonObject[]> {
  return list(
    some(
      {
        manager: pick("stunner-serverless", "kubectl"),
        operation: pick("Apply", "Update"),
        apiVersion: fc.constant("gateway.networking.k8s.io/v1"),
        fieldsType: fc.constant("FieldsV1"),
        fieldsV1: pick(
          { "f:status": { "f:conditions": { [conditionKey("Accepted")]: { ".": {} }, [conditionKey("Programmed")]: { ".": {} } } } },
          { "f:spec": {} },
          {},
        ),
      },
      { subresource: fc.constant("status"), time: fc.constant("2026-01-01T00:00:00Z") },
    ),
    2,
  );
}
