import { describe, expect, it } from "vitest";
import { gateway, gatewayConfig, grant, rendered, route, secret, service, staticService, tlsListener } from "./render/builders.ts";
import { pem } from "./render/fixtures.ts";
import {
  acceptedMessage,
  clusterLines,
  configOf,
  gatewayConditions,
  listenerConditions,
  listenerLines,
  parentLines,
  problemLines,
} from "./render/reading.ts";

const tlsFrom = (ref: object) => gateway([tlsListener("tls", 443, "TURN-TLS", [{ ...ref }])]);
const pair = (cert: string, key: string, where = "media/cert") =>
  secret(where, { "tls.crt": pem(cert), "tls.key": pem(key) }, "kubernetes.io/tls");
const elsewhere = tlsFrom({ name: "cert", namespace: "certs" });
const from = (kind: string, namespace: string, group: string) => [{ group, kind, namespace }];
const GATEWAY = from("Gateway", "media", "gateway.networking.k8s.io");
const ROUTE = from("UDPRoute", "media", "stunner.l7mp.io");
const toSecret = [{ group: "", kind: "Secret" }];
const enforce = { referenceGrants: "enforce" } as const;
const SERVED = ["tls TURN-TLS:443"];

describe("I20, I49: certificates of another namespace", () => {
  const objects = [elsewhere, pair("ec.crt", "ec.key", "certs/cert")];

  it("permit: used, and reported in a problem and in the Accepted message", () => {
    const result = rendered(objects);
    expect(listenerLines(result)).toEqual(SERVED);
    expect(problemLines(result)).toContain("warning Gateway media/gw spec.listeners[0].tls.certificateRefs[0] CrossNamespaceSecret");
    expect(acceptedMessage(result)).toMatch(/certs\/cert.*ReferenceGrant/);
  });

  it("enforce: RefNotPermitted, and not served", () => {
    const result = rendered(objects, enforce);
    expect([listenerLines(result), listenerConditions(result, "tls")[2]]).toEqual([[], "ResolvedRefs=False/RefNotPermitted"]);
  });

  it("enforce: hold does not hold on to what may no longer be read", () => {
    const listeners = [
      { name: "media/gw/tls", protocol: "TURN-TLS", address: "$STUNNER_ADDR", port: 443, cert: "QQ==", key: "QQ==" } as const,
    ];
    const last = configOf(rendered([gateway()]));
    const published = new Map(last ? [["media/gw", { ...last, listeners }]] : []);
    expect(listenerLines(rendered(objects, { ...enforce, published }))).toEqual([]);
  });

  it.each([
    ["for all Secrets", toSecret],
    ["for this one", [{ group: "", kind: "Secret", name: "cert" }]],
  ])("a ReferenceGrant %s settles it under both", (_what, to) => {
    for (const options of [{}, enforce]) {
      const result = rendered([...objects, grant("certs/g", GATEWAY, to)], options);
      expect([listenerLines(result), problemLines(result).filter((line) => line.includes("CrossNamespace"))]).toEqual([SERVED, []]);
    }
  });

  it.each([
    ["in another namespace", grant("media/g", GATEWAY, toSecret)],
    ["for another Secret", grant("certs/g", GATEWAY, [{ group: "", kind: "Secret", name: "other" }])],
    ["for another kind", grant("certs/g", GATEWAY, [{ group: "", kind: "Service" }])],
    ["from another namespace", grant("certs/g", from("Gateway", "stunner", "gateway.networking.k8s.io"), toSecret)],
    ["from another kind", grant("certs/g", from("UDPRoute", "media", "gateway.networking.k8s.io"), toSecret)],
    ["from another group", grant("certs/g", from("Gateway", "media", "stunner.l7mp.io"), toSecret)],
  ])("a ReferenceGrant %s does not", (_what, given) => {
    expect(listenerLines(rendered([...objects, given], enforce))).toEqual([]);
  });
});

describe("I20, I49: credentials of another namespace", () => {
  const objects = [
    gateway(),
    gatewayConfig({ authRef: { name: "auth", namespace: "vault" } }),
    secret("vault/auth", { username: "a", password: "b" }),
  ];

  it("permit: used and told", () => {
    const result = rendered(objects);
    expect([configOf(result)?.auth.credentials.username, acceptedMessage(result)]).toEqual([
      "a",
      expect.stringMatching(/vault\/auth.*ReferenceGrant/),
    ]);
  });

  it("enforce: the Gateway is invalid without a ReferenceGrant from the GatewayConfig", () => {
    const result = rendered(objects, enforce);
    expect([configOf(result), gatewayConditions(result)[0]]).toEqual([undefined, "Accepted=False/Pending"]);
    const granted = grant("vault/g", from("GatewayConfig", "stunner-system", "stunner.l7mp.io"), toSecret);
    expect(configOf(rendered([...objects, granted], enforce))?.auth.credentials.username).toBe("a");
  });
});

describe("I20: backends of another namespace", () => {
  const refs = [
    { name: "sfu", namespace: "back" },
    { group: "stunner.l7mp.io", kind: "StaticService", name: "office", namespace: "back" },
  ];
  const objects = [gateway(), route(refs), service("back/sfu"), staticService("back/office", ["192.0.2.1"])];
  const toService = [{ group: "", kind: "Service" }];

  it("permit: used", () => {
    expect(clusterLines(rendered(objects))).toEqual(["media/route STATIC 10.96.0.20 192.0.2.1"]);
  });

  it("enforce: RefNotPermitted for each that no ReferenceGrant allows", () => {
    const result = rendered(objects, enforce);
    expect([clusterLines(result), parentLines(result)]).toEqual([
      ["media/route STATIC"],
      ["gw Accepted=True/Accepted ResolvedRefs=False/RefNotPermitted"],
    ]);
    expect(clusterLines(rendered([...objects, grant("back/g", ROUTE, toService)], enforce))).toEqual(["media/route STATIC 10.96.0.20"]);
  });

  it("enforce: within the namespace nothing is needed", () => {
    const near = [gateway(), route([{ name: "sfu" }]), service("media/sfu")];
    expect(clusterLines(rendered(near, enforce))).toEqual(["media/route STATIC 10.96.0.20"]);
  });
});

describe("I40: certificates verify and trust", () => {
  const given = tlsFrom({ name: "cert" });
  const placeholder = secret("media/cert", { "tls.crt": "CERT", "tls.key": "KEY" });

  it.each([
    ["no PEM", placeholder],
    ["of another key", pair("ec.crt", "other.key")],
    ["with an encrypted key", pair("ec.crt", "encrypted.key")],
  ])("verify: a certificate that is %s is InvalidCertificateRef; trust renders it", (_what, certificate) => {
    const result = rendered([given, certificate]);
    expect([listenerLines(result), listenerConditions(result, "tls")[2]]).toEqual([[], "ResolvedRefs=False/InvalidCertificateRef"]);
    expect(listenerLines(rendered([given, certificate], { certificates: "trust" }))).toEqual(SERVED);
  });

  it("verify: an expired certificate is rendered and reported", () => {
    const result = rendered([given, pair("expired.crt", "expired.key")]);
    expect([listenerLines(result), problemLines(result)]).toEqual([
      SERVED,
      ["warning Gateway media/gw spec.listeners[0].tls.certificateRefs[0] CertificateNotValidNow"],
    ]);
  });

  it.each(["ec", "rsa"])("verify: a good pair (%s) is taken without a word", (name) => {
    const result = rendered([given, pair(`${name}.crt`, `${name}.key`)]);
    expect([listenerLines(result), problemLines(result)]).toEqual([SERVED, []]);
  });
});
