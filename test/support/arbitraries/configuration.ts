import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import type { JsonObject } from "../json.ts";
import { serviceAnnotations } from "./annotations.ts";
import { SECRETS, SECRET_MARK, base64, labels, list, mapOf, metadata, mostly, namespace, pick, rarely, some } from "./names.ts";

const pem = (file: string): string => readFileSync(new URL(`../certificates/${file}`, import.meta.url), "utf8");

/** Certificates and keys, as Secrets hold them. */
export const PAIRS = Object.fromEntries(
  ["one", "two", "expired"].map((name) => [name, { cert: base64(pem(`${name}.crt`)), key: base64(pem(`${name}.key`)) }]),
);

export const gatewayConfig: fc.Arbitrary<JsonObject> = some(
  {
    apiVersion: fc.constant("stunner.l7mp.io/v1"),
    kind: fc.constant("GatewayConfig"),
    metadata: metadata("GatewayConfig", mostly("config", "second")),
  },
  {
    spec: some(
      {
        userName: pick("alice", "$FOO", "$STUNNER_ADDR"),
        password: pick(SECRET_MARK, `${SECRET_MARK}$`, `$${SECRET_MARK}`, `$1${SECRET_MARK}|x`),
      },
      {
        authType: pick("static", "plaintext", "plaintext", "ephemeral", "longterm", "timewindowed", "plaintext-odd"),
        sharedSecret: pick(SECRET_MARK, "", `"${SECRET_MARK}\n\\$\{`),
        realm: pick("turn.example", "stunner.l7mp.io"),
        dataplane: mostly("default", "edge", "missing"),
        logLevel: pick("all:INFO", "", "${HOME}", 'turn:DEBUG,"'),
        authRef: rarely(
          some(
            { name: mostly(...SECRETS, "missing") },
            { namespace, kind: mostly("Secret", "ConfigMap"), group: mostly("", "v1", "apps") },
          ),
        ),
        loadBalancerServiceAnnotations: serviceAnnotations,
        userQuota: fc.nat(3),
        stunMode: fc.boolean(),
      },
    ),
  },
);

const SOURCES = Object.values(PAIRS);
const cert = pick(
  ...SOURCES.map((pair) => pair.cert),
  base64(`${SECRET_MARK} no PEM`),
  base64(""),
  base64("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
);
const key = pick(
  ...SOURCES.map((pair) => pair.key),
  base64(`${SECRET_MARK} no PEM`),
  "",
  base64(`-----BEGIN PRIVATE KEY-----\n${base64(SECRET_MARK)}\n-----END PRIVATE KEY-----\n`),
);
const text = pick(SECRET_MARK, "", `${SECRET_MARK}$\{HOME}`, `"${SECRET_MARK}\u0000\n`).map(base64);

export const secret: fc.Arbitrary<JsonObject> = some({
  apiVersion: fc.constant("v1"),
  kind: fc.constant("Secret"),
  metadata: metadata("Secret", pick(...SECRETS)),
  type: pick("Opaque", "kubernetes.io/tls", "kubernetes.io/basic-auth"),
  data: fc.oneof(
    some(
      {},
      {
        type: pick("static", "ephemeral", "none", "Static", "", "static\n", SECRET_MARK).map(base64),
        username: text,
        password: text,
        secret: text,
        sharedSecret: text,
      },
    ),
    some({}, { "tls.crt": cert, "tls.key": key, crt: cert, cert, key }),
    pick(...SOURCES).map((pair) => ({ "tls.crt": pair.cert, "tls.key": pair.key })),
    fc.constant({}),
  ),
});

const pod = {
  imagePullSecrets: list(some({ name: pick("pull", "more") }), 2),
  securityContext: pick({}, { runAsNonRoot: true }),
  containerSecurityContext: pick({}, { readOnlyRootFilesystem: true }),
  tolerations: list(some({ key: pick("edge", "spot"), operator: fc.constant("Exists") }), 2),
  affinity: pick({}, { nodeAffinity: {} }),
  topologySpreadConstraints: list(fc.constant({ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }), 1),
};

export const dataplane: fc.Arbitrary<JsonObject> = some(
  {
    apiVersion: fc.constant("stunner.l7mp.io/v1"),
    kind: fc.constant("Dataplane"),
    metadata: metadata("Dataplane", mostly("default", "edge"), { cluster: true }),
  },
  {
    spec: some(
      {},
      {
        dataplaneResource: pick("Deployment", "DaemonSet"),
        image: pick("l7mp/stunnerd:1.2.1", ""),
        imagePullPolicy: pick("Always", "Never"),
        replicas: pick(0, 1, 2, 5),
        command: list(pick("stunnerd", "sh"), 2),
        args: list(pick("-w", "-v"), 2),
        env: list(some({ name: pick("A", "STUNNER_ADDR") }, { value: pick("1", "") }), 2),
        envFrom: list(some({}, { configMapRef: fc.constant({ name: "extra" }) }), 1),
        resources: pick({}, { limits: { memory: "20M" } }),
        terminationGracePeriodSeconds: pick(0, 30),
        hostNetwork: fc.boolean(),
        disableHealthCheck: fc.boolean(),
        enableMetricsEndpoint: fc.boolean(),
        offloadEngine: pick("None", "XDP", "TC", "Auto", "auto", "XDPfoo"),
        offloadInterfaces: list(pick("eth1", "eth0"), 3),
        labels,
        annotations: mapOf(["example.com/pod"], pick("p")),
        ...pod,
      },
    ),
  },
);
