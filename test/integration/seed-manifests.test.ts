import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadDirectory } from "../../shared/state/directory/load-directory.ts";
import { loadManifests } from "../../shared/state/directory/load-manifests.ts";
import type { Problem } from "../../shared/render/result.ts";
import type { AnyKubeObject } from "../../shared/resources/kinds.ts";
import { keyOf } from "../../shared/resources/meta.ts";
import type { ManifestProblem } from "../../shared/state/problem.ts";
import { childOf, textOf, toJson, toJsonObject } from "../support/json.ts";
import { flawsOfConfig } from "../support/stunnerd-schema.ts";
import { conditionLines, configLines, renderWithDefaults } from "./examples-support.ts";

const SEEDS = "test/seed-manifests";

/** What a user reads: severity, object, field, and a part of the message that says what to do. */
type Told = readonly [severity: Problem["severity"], object: string, field: string, remedy: string];

interface Expected {
  /** `apiVersion Kind namespace/name` as the control plane reads it, which may be a later version than the file's. */
  readonly accepted: readonly string[];
  readonly told?: readonly Told[];
}

const GATEWAY_API = "gateway.networking.k8s.io";
const STUNNER = "stunner.l7mp.io";
const CLASS = `${GATEWAY_API}/v1 GatewayClass stunner-gatewayclass`;
const CONFIG = `${STUNNER}/v1 GatewayConfig stunner/stunner-gatewayconfig`;
const UDP_GATEWAY = `${GATEWAY_API}/v1 Gateway stunner/udp-gateway`;
const TCP_GATEWAY = `${GATEWAY_API}/v1 Gateway stunner/tcp-gateway`;
const PORT = "spec.rules[0].backendRefs[0].port";
const MIXED = 'metadata.annotations["stunner.l7mp.io/enable-mixed-protocol-lb"]';
const noPort = (route: string): Told => ["warning", `UDPRoute stunner/${route}`, PORT, `give any port, or use UDPRoute of ${STUNNER}/v1`];

/** Every file that users have been shown: what of it counts, and what they are told. */
const FILES: Readonly<Record<string, Expected>> = {
  // 2022: legacy mode, Gateway API v1alpha2, stunner.l7mp.io/v1alpha1.
  "001-01.yaml": { accepted: ["apps/v1 Deployment stunner/stunner"] },
  "001-02.yaml": { accepted: [CLASS] },
  "001-03.yaml": {
    accepted: [CONFIG],
    told: [["warning", "GatewayConfig stunner/stunner-gatewayconfig", "spec.stunnerConfig", "remove it; the legacy ConfigMap is always called stunnerd-config"]],
  },
  "001-04.yaml": { accepted: [UDP_GATEWAY] },
  "001-05.yaml": { accepted: [`${GATEWAY_API}/v1alpha2 UDPRoute stunner/udp-echo`], told: [noPort("udp-echo")] },
  "001-06.yaml": { accepted: [TCP_GATEWAY] },
  "001-07.yaml": { accepted: [`${GATEWAY_API}/v1alpha2 UDPRoute stunner/udp-echo`], told: [noPort("udp-echo")] },
  "002-01.yaml": { accepted: [CLASS] },
  "002-02.yaml": {
    accepted: [CONFIG],
    told: [
      // The end of the shell command that the manifest was copied from.
      ["warning", "", "", "end of a shell here-document and is ignored; remove the line"],
      ["warning", "GatewayConfig stunner/stunner-gatewayconfig", "spec.metricsEndpoint", "remove it and set enableMetricsEndpoint: true in the Dataplane"],
    ],
  },
  "002-03.yaml": { accepted: [UDP_GATEWAY] },
  "002-04.yaml": { accepted: [`${GATEWAY_API}/v1alpha2 UDPRoute stunner/media-plane-route`], told: [noPort("media-plane-route")] },
  // What `kubectl get` prints, with `...` where the rest was left out. To YAML that is the end of a document.
  "002-05.yaml": {
    accepted: [],
    told: [
      ["error", "Gateway", "metadata", "is required: a mapping"],
      ["error", "Gateway", "spec", "is required: a mapping"],
      ["error", "", "kind", "is this an excerpt of a manifest?"],
      ["error", "", "kind", "is this an excerpt of a manifest?"],
    ],
  },
  "003-01.yaml": { accepted: [CLASS] },
  "003-02.yaml": { accepted: [CONFIG] },
  "003-03.yaml": { accepted: [UDP_GATEWAY] },
  "003-04.yaml": { accepted: [`${GATEWAY_API}/v1alpha2 UDPRoute stunner/media-plane`], told: [noPort("media-plane")] },
  "003-05.yaml": { accepted: [TCP_GATEWAY] },
  "003-06.yaml": { accepted: [`${GATEWAY_API}/v1alpha2 UDPRoute stunner/media-plane`], told: [noPort("media-plane")] },
  // Since 1.0: managed mode, v1 throughout.
  "004-01.yaml": { accepted: [CLASS] },
  "004-02.yaml": { accepted: [CONFIG] },
  "004-03.yaml": { accepted: [UDP_GATEWAY] },
  "004-04.yaml": {
    accepted: [`${GATEWAY_API}/v1 Gateway stunner/complex-gateway`],
    told: [["warning", "Gateway stunner/complex-gateway", MIXED, "put it in quotes"]],
  },
  "004-05.yaml": {
    accepted: [`${GATEWAY_API}/v1 Gateway default/mixed-protocol-gateway`],
    told: [["warning", "Gateway default/mixed-protocol-gateway", MIXED, "put it in quotes"]],
  },
  "004-06.yaml": { accepted: [`${GATEWAY_API}/v1 Gateway default/tls-gateway`] },
  "004-07.yaml": { accepted: [`${STUNNER}/v1 UDPRoute stunner/media-plane-route`] },
  "004-08.yaml": { accepted: [`${GATEWAY_API}/v1alpha2 UDPRoute stunner/media-plane-route`] },
  "004-09.yaml": { accepted: [`${STUNNER}/v1 StaticService stunner/static-svc`] },
  "004-10.yaml": { accepted: [`${STUNNER}/v1 UDPRoute stunner/media-plane-route`] },
  "004-11.yaml": { accepted: [`${STUNNER}/v1 Dataplane default`] },
};

function expectTold(problems: readonly (ManifestProblem | Problem)[], told: readonly Told[]): void {
  expect(problems.map(({ severity, object, field }) => [severity, object, field])).toEqual(told.map(([severity, object, field]) => [severity, object, field]));
  for (const [index, [, , , remedy]] of told.entries()) expect(problems[index]?.message).toContain(remedy);
}

/** Namespaces that objects are in exist by themselves in a directory. */
function named(objects: readonly AnyKubeObject[]): string[] {
  return objects.filter(({ kind }) => kind !== "Namespace").map((one) => `${one.apiVersion} ${one.kind} ${keyOf(one)}`);
}

describe("the manifests of the user documents", () => {
  it("are all listed here", () => {
    expect(readdirSync(SEEDS).filter((name) => name !== "README.md").sort()).toEqual(Object.keys(FILES));
  });

  it.each(Object.entries(FILES))("%s works, or says what to do", async (file, { accepted, told = [] }) => {
    const { objects, problems } = await loadDirectory([join(SEEDS, file)]);
    expect(named(objects)).toEqual(accepted);
    expectTold(problems, told);
    expect(problems.every((one) => one.file === join(SEEDS, file) && one.line > 0)).toBe(true);
  });
});

/** One generation of documents together, with the parts that the reader is told to bring. */
function generation(number: string, missing: string) {
  const files = Object.keys(FILES).filter((file) => file.startsWith(`${number}-`));
  const sources = files.map((name) => ({ name, text: readFileSync(join(SEEDS, name), "utf8") }));
  const { objects, problems } = loadManifests([...sources, { name: "missing.yaml", text: missing }]);
  const alone = files.flatMap((file) => FILES[file]?.told ?? []).length;
  return { objects, duplicates: problems.filter(({ reason }) => reason === "DuplicateObject"), others: problems.length - alone };
}

const DATAPLANE = `
apiVersion: stunner.l7mp.io/v1
kind: Dataplane
metadata: { name: default }
spec: { image: "docker.io/l7mp/stunnerd:1.2.1" }
---`;

function backend(namespace: string, name: string): string {
  return `
apiVersion: v1
kind: Service
metadata: { namespace: ${namespace}, name: ${name} }
spec: { clusterIP: 10.96.0.20, ports: [{ protocol: UDP, port: 9001 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { namespace: ${namespace}, name: ${name}-1, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
endpoints: [{ addresses: [10.1.0.7] }]
---`;
}

/** The Service of a Gateway, once the cloud has given it an address. */
function exposed(gateway: string, protocol: string, ip: string): string {
  return `
apiVersion: v1
kind: Service
metadata: { namespace: stunner, name: ${gateway} }
spec: { type: LoadBalancer, ports: [{ name: one, protocol: ${protocol}, port: 3478 }] }
status: { loadBalancer: { ingress: [{ ip: ${ip} }] } }
---`;
}

const STATIC_AUTH = { type: "static", realm: "stunner.l7mp.io", credentials: { username: "user-1", password: "pass-1" } };

describe("the documents of 2022, read in legacy mode as they were written", () => {
  const { objects, duplicates, others } = generation("001", backend("stunner", "udp-echo") + exposed("udp-gateway", "UDP", "203.0.113.1"));
  const result = renderWithDefaults(objects, { mode: "legacy" });

  it("load, the later of two versions of a route counting", () => {
    expectTold(duplicates, [["warning", "UDPRoute stunner/udp-echo", "", "this one, the last, counts"]]);
    expect(others).toBe(duplicates.length);
  });

  it("give the ConfigMap that the Deployment of the same document reads, under its present name", () => {
    expect(result.problems).toEqual([]);
    expect(result.objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
      "ConfigMap stunner/stunnerd-config",
      "Service stunner/tcp-gateway",
      "Service stunner/udp-gateway",
    ]);
    const config = toJsonObject(JSON.parse(textOf(childOf(toJsonObject(result.objects[0]), "data"), "stunnerd.conf")));
    expect(flawsOfConfig(config, { certificates: "verify" })).toEqual([]);
    expect(config["auth"]).toEqual(STATIC_AUTH);
    expect(config["listeners"]).toEqual([
      { name: "stunner/tcp-gateway/tcp-listener", protocol: "TURN-TCP", address: "$STUNNER_ADDR", port: 3478, routes: ["stunner/udp-echo"] },
      {
        name: "stunner/udp-gateway/udp-listener",
        protocol: "TURN-UDP",
        public_address: "203.0.113.1",
        public_port: 3478,
        address: "$STUNNER_ADDR",
        port: 3478,
        routes: ["stunner/udp-echo"],
      },
    ]);
    expect(config["clusters"]).toEqual([{ name: "stunner/udp-echo", type: "STATIC", protocol: "UDP", endpoints: ["10.1.0.7", "10.96.0.20"] }]);
  });

  it("run in managed mode as well, once there is a Dataplane", () => {
    const { objects: all } = generation("001", DATAPLANE + backend("stunner", "udp-echo"));
    const managed = renderWithDefaults(all);
    expect(managed.problems).toEqual([]);
    expect(configLines(managed, "stunner/udp-gateway")).toEqual(["TURN-UDP 3478 at -:- to stunner/udp-echo", "stunner/udp-echo = 10.1.0.7 10.96.0.20"]);
    expect(configLines(managed, "stunner/tcp-gateway")).toEqual(["TURN-TCP 3478 at -:- to stunner/udp-echo", "stunner/udp-echo = 10.1.0.7 10.96.0.20"]);
  });

  it("say what is missing where there is none", () => {
    const { objects: all } = generation("001", backend("stunner", "udp-echo"));
    const { configs, problems } = renderWithDefaults(all);
    expect(configs.size).toBe(0);
    expectTold(problems.slice(0, 1), [["error", "GatewayConfig stunner/stunner-gatewayconfig", "spec.dataplane", "Dataplane default does not exist"]]);
  });
});

describe.each([
  ["002", "media-plane", "media-server-pool", "media-plane-route", ["udp-gateway"], 0],
  ["003", "default", "media-plane", "media-plane", ["tcp-gateway", "udp-gateway"], 1],
] as const)("the documents of generation %s", (number, namespace, service, route, gateways, again) => {
  const { objects, duplicates, others } = generation(
    number,
    DATAPLANE + backend(namespace, service) + exposed("udp-gateway", "UDP", "203.0.113.1") + exposed("tcp-gateway", "TCP", "203.0.113.2"),
  );
  const result = renderWithDefaults(objects);

  it("load", () => {
    expect(duplicates).toHaveLength(again);
    expect(others).toBe(again);
  });

  it("work", () => {
    expect(result.problems).toEqual([]);
    expect(conditionLines(result).filter((line) => line.includes("=False") && !line.includes("NoConflicts"))).toEqual([]);
    expect([...result.configs.keys()]).toEqual(gateways.map((gateway) => `stunner/${gateway}`));
    for (const [key, { config }] of result.configs) {
      const [protocol, ip] = key.endsWith("udp-gateway") ? ["TURN-UDP", "203.0.113.1"] : ["TURN-TCP", "203.0.113.2"];
      expect(config.auth).toEqual(STATIC_AUTH);
      expect(flawsOfConfig(toJson(config), { certificates: "verify" })).toEqual([]);
      expect(configLines(result, key)).toEqual([
        `${protocol} 3478 at ${ip}:3478 to stunner/${route}`,
        `stunner/${route} = 10.1.0.7 10.96.0.20`,
      ]);
    }
  });
});

describe("the documents of today", () => {
  const certificate = readFileSync("infra/examples/tcp-and-tls.yaml", "utf8").split("\n---\n").find((one) => one.includes("kind: Secret")) ?? "";
  const tlsSecret = certificate.replace("namespace: firewalled", "namespace: stunner").replace("name: turn-example-com", "name: tls-secret");
  const authSecret = `
apiVersion: v1
kind: Secret
metadata: { namespace: stunner, name: stunner-auth-secret }
stringData: { type: static, username: user-1, password: pass-1 }
---`;
  const node = `
apiVersion: v1
kind: Node
metadata: { name: one }
status: { addresses: [{ type: ExternalIP, address: 198.51.100.4 }] }
---`;
  const complete = authSecret + node + `${exposed("udp-gateway", "UDP", "203.0.113.1")}\n---\n${tlsSecret}`;
  const { objects, duplicates, others } = generation("004", complete);
  const result = renderWithDefaults(objects);

  it("load, the later of two versions of a route counting", () => {
    expectTold(duplicates, [["warning", "UDPRoute stunner/media-plane-route", "", "this one, the last, counts"]]);
    expect(others).toBe(duplicates.length);
  });

  it("work; a certificate of another namespace is reported, since anybody there can read its key", () => {
    expectTold(result.problems, [
      ["warning", "Gateway default/tls-gateway", "spec.listeners[0].tls.certificateRefs[0]", "a ReferenceGrant in namespace stunner"],
    ]);
    expect([...result.configs.keys()]).toEqual([
      "default/mixed-protocol-gateway", "default/tls-gateway", "stunner/complex-gateway", "stunner/udp-gateway",
    ]);
    for (const { config } of result.configs.values()) {
      expect(config.auth).toEqual(STATIC_AUTH);
      expect(config.admin.loglevel).toBe("all:DEBUG,turn:INFO");
      expect(flawsOfConfig(toJson(config), { certificates: "verify" })).toEqual([]);
    }
    expect(configLines(result, "stunner/udp-gateway")).toEqual([
      "TURN-UDP 3478 at 203.0.113.1:3478 to stunner/media-plane-route",
      "stunner/media-plane-route = 192.0.2.0/24 198.51.100.0/24",
    ]);
    expect(configLines(result, "default/tls-gateway")).toEqual(["TURN-TLS 44321 at -:- to "]);
    expect(configLines(result, "default/mixed-protocol-gateway")).toEqual(["TURN-UDP 3478 at -:- to ", "TURN-TCP 3479 at -:- to "]);
    expect(configLines(result, "stunner/complex-gateway")).toEqual(["TURN-UDP 3478 at -:- to ", "TURN-TLS 443 at -:- to "]);
  });

  it("have the older kind of route masked by the newer of the same name", () => {
    expect(conditionLines(result).filter((line) => line.startsWith("UDPRoute"))).toEqual([
      "UDPRoute stunner/media-plane-route parent udp-gateway: Accepted=True/Accepted",
      "UDPRoute stunner/media-plane-route parent udp-gateway: ResolvedRefs=True/ResolvedRefs",
      "UDPRoute stunner/media-plane-route parent udp-gateway: Accepted=False/Pending",
      "UDPRoute stunner/media-plane-route parent udp-gateway: ResolvedRefs=True/ResolvedRefs",
    ]);
  });

  it("name every part that is missing", () => {
    const { objects: bare } = generation("004", node);
    expect(bare.map(({ kind }) => kind)).not.toContain("Secret");
    expectTold(renderWithDefaults(bare).problems.slice(0, 1), [
      ["error", "GatewayConfig stunner/stunner-gatewayconfig", "spec.authRef", "Secret stunner/stunner-auth-secret does not exist"],
    ]);
    const { objects: withoutCertificate } = generation("004", authSecret + node);
    expectTold(renderWithDefaults(withoutCertificate).problems.filter(({ severity }) => severity === "error"), [
      ["error", "Gateway default/tls-gateway", "spec.listeners[0].tls.certificateRefs[0]", "Secret stunner/tls-secret does not exist"],
      ["error", "Gateway stunner/complex-gateway", "spec.listeners[1].tls.certificateRefs[0]", "Secret stunner/tls-secret does not exist"],
    ]);
  });
});
