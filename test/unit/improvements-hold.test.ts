import { describe, expect, it } from "vitest";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import {
  PARAMETERS_REF,
  ownership,
  gateway,
  gatewayClass,
  gatewayConfig,
  listener,
  ownedService,
  rendered,
  route,
  secret,
  tlsListener,
  UDP,
  workload,
} from "./render/builders.ts";
import { pem } from "./render/fixtures.ts";
import {
  classConditions,
  configOf,
  deletionKeys,
  gatewayConditions,
  listenerConditions,
  listenersOf,
  objectKeys,
  objectOf,
  parentLines,
  statusOf,
} from "./render/reading.ts";

const dataplaneObjects = [ownedService(), workload("Deployment")];
const DATAPLANE = ["Deployment/media/gw", "Service/media/gw"];
const published = (config: Partial<StunnerdConfig> = {}): ReadonlyMap<string, StunnerdConfig> =>
  new Map([
    [
      "media/gw",
      {
        version: "v1",
        admin: { name: "media/gw", loglevel: "all:INFO", healthcheck_endpoint: "http://:8086", offload_engine: "None" },
        auth: { type: "static", realm: "r", credentials: { password: "p", username: "u" } },
        ...config,
      },
    ],
  ]);

describe("I10: hold and teardown", () => {
  const broken = [
    [
      "a GatewayConfig that is gone",
      [gateway(), gatewayClass({ parametersRef: { ...PARAMETERS_REF, name: "gone" } })],
      "False/InvalidParameters",
    ],
    ["credentials that are incomplete", [gateway(), gatewayConfig({ userName: "alice" })], "True/Accepted"],
    ["an auth Secret that is gone", [gateway(), gatewayConfig({ authRef: { name: "gone" } })], "True/Accepted"],
    [
      "a Dataplane that is gone",
      [gateway(), gatewayConfig({ userName: "a", password: "b", dataplane: "gone" })],
      "False/InvalidParameters",
    ],
  ] as const;

  it.each(broken)("%s: hold keeps everything while the statuses tell", (_what, objects, accepted) => {
    const result = rendered([...objects, ...dataplaneObjects], { published: published() });
    expect([configOf(result), objectKeys(result), deletionKeys(result), [...result.held.configs]]).toEqual([
      undefined,
      [],
      [],
      ["media/gw"],
    ]);
    expect([...result.held.objects]).toEqual(expect.arrayContaining(DATAPLANE));
    expect([classConditions(result), gatewayConditions(result)]).toEqual([
      [`Accepted=${accepted}`],
      ["Accepted=False/Pending", "Programmed=False/Invalid"],
    ]);
  });

  it.each(broken)("%s: teardown takes everything away", (_what, objects) => {
    const result = rendered([...objects, ...dataplaneObjects], { published: published(), onInvalid: "teardown" });
    expect([deletionKeys(result), [...result.held.configs], [...result.held.objects]]).toEqual([DATAPLANE, [], []]);
    expect(gatewayConditions(result)).toEqual(["Accepted=False/Pending", "Programmed=False/Invalid"]);
  });

  it("I18: routes of an invalid Gateway stay accepted", () => {
    expect(parentLines(rendered([gateway(), gatewayConfig({}), route([])]))).toEqual([
      "gw Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs",
    ]);
  });

  const last = { name: "media/gw/tls", protocol: "TURN-TLS", address: "$STUNNER_ADDR", port: 443, cert: "Q0VSVA==", key: "S0VZ" } as const;
  const tls = gateway([UDP, tlsListener("tls", 443, "TURN-TLS", [{ name: "cert" }])]);
  const certificates = [
    ["gone", []],
    ["broken", [secret("media/cert", { "tls.crt": "no PEM", "tls.key": "no PEM" })]],
    ["without key", [secret("media/cert", { "tls.crt": pem("ec.crt") })]],
  ] as const;

  it.each(certificates)("a TLS Secret that is %s: hold serves the certificate published last, if there is one", (_what, secrets) => {
    const result = rendered([tls, ...secrets], { published: published({ listeners: [last] }) });
    expect(listenersOf(result).map(({ name, cert, key }) => [name, cert, key])).toEqual([
      ["media/gw/udp", undefined, undefined],
      ["media/gw/tls", last.cert, last.key],
    ]);
    expect(listenerConditions(result, "tls").slice(2)).toEqual(["ResolvedRefs=False/InvalidCertificateRef", "Programmed=True/Programmed"]);
    expect(listenersOf(rendered([tls, ...secrets], { published: published() }))).toHaveLength(1);
  });

  it.each(certificates)("a TLS Secret that is %s: teardown drops the listener", (_what, secrets) => {
    const result = rendered([tls, ...secrets], { published: published({ listeners: [last] }), onInvalid: "teardown" });
    expect([listenersOf(result).length, listenerConditions(result, "tls")[3]]).toEqual([1, "Programmed=False/Invalid"]);
  });
});

describe("I12, I15, I31", () => {
  it.each([
    ["no parametersRef", { parametersRef: undefined }],
    ["another group", { parametersRef: { ...PARAMETERS_REF, group: "example.com" } }],
    ["another kind", { parametersRef: { ...PARAMETERS_REF, kind: "ConfigMap" } }],
    ["no namespace", { parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", name: "conf" } }],
  ])("I12: a class with %s says Accepted=False/InvalidParameters", (_what, spec) => {
    expect(classConditions(rendered([gatewayClass(spec), gateway()]))).toEqual(["Accepted=False/InvalidParameters"]);
  });

  it("I15: auth type none is an error that names what is accepted", () => {
    const result = rendered([gateway(), gatewayConfig({ authRef: { name: "auth" } }), secret("stunner-system/auth", { type: "none" })]);
    expect([configOf(result), statusOf(result, "Gateway", "media/gw")?.conditions?.[0]?.message]).toEqual([
      undefined,
      expect.stringContaining("static, plaintext, ephemeral"),
    ]);
  });

  const nothingValid = gateway([listener("web", 80, "HTTP")], {}, "media/gw", {
    annotations: { "service.beta.kubernetes.io/x-healthcheck-port": "80", "service.beta.kubernetes.io/x-healthcheck-protocol": "tcp" },
  });

  it("I31: without a valid listener there is no Service, not even for health checks; hold keeps the old one", () => {
    const result = rendered([nothingValid, ownedService()]);
    expect([objectOf(result, "Service"), deletionKeys(result), [...result.held.objects]]).toEqual([undefined, [], ["Service/media/gw"]]);
  });

  it("I31: teardown deletes the old one", () => {
    expect(deletionKeys(rendered([nothingValid, ownedService()], { onInvalid: "teardown" }))).toEqual(["Service/media/gw"]);
  });

  it("I32: disable-managed-dataplane deletes an owned Deployment, never a hand-made one", () => {
    const disabled = gateway([UDP], {}, "media/gw", { annotations: { "stunner.l7mp.io/disable-managed-dataplane": "true" } });
    expect(deletionKeys(rendered([disabled, workload("Deployment")]))).toEqual(["Deployment/media/gw"]);
    expect(deletionKeys(rendered([disabled, workload("Deployment", "media/gw", {})]))).toEqual([]);
    expect(deletionKeys(rendered([disabled, workload("Deployment", "media/gw", { ...ownership(), labels: {} })]))).toEqual([]);
  });
});
