import { describe, expect, it } from "vitest";
import type { StunnerdConfig } from "../../../shared/resources/stunnerd-config.ts";
import { gateway, grant, listener, rendered, route, secret, tlsListener, UDP, type Fields } from "./builders.ts";
import { pem } from "./fixtures.ts";
import {
  acceptedMessage,
  attachedRoutes,
  conditionOf,
  gatewayConditions,
  LISTENER_OK,
  listenerConditions,
  listenersOf,
  listenerStatusOf,
} from "./reading.ts";

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");
const pair = (name: string) => ({ "tls.crt": pem(`${name}.crt`), "tls.key": pem(`${name}.key`) });
const EC = secret("media/cert", pair("ec"), "kubernetes.io/tls");
const RSA = secret("media/rsa", pair("rsa"), "kubernetes.io/tls");
const REF = { name: "cert" };

const BAD = [
  "Accepted=True/Accepted",
  "Conflicted=False/NoConflicts",
  "ResolvedRefs=False/InvalidCertificateRef",
  "Programmed=False/Invalid",
];
const tls = (...refs: Fields[]) => gateway([tlsListener("tls", 443, "TURN-TLS", refs), UDP]);
const certificates = (result: ReturnType<typeof rendered>) => listenersOf(result).map((one) => [one.name, one.cert, one.key]);
const used = (name: string) => [
  ["media/gw/tls", base64(pem(`${name}.crt`)), base64(pem(`${name}.key`))],
  ["media/gw/udp", undefined, undefined],
];

// spec/rendering.md 5.3.
describe("the certificate of a TLS listener", () => {
  it.each(["TLS", "TURN-TLS", "DTLS", "turn-dtls", "tls"])("%s has the one that its reference names", (protocol) => {
    const result = rendered([gateway([tlsListener("tls", 443, protocol, [REF])]), EC]);
    expect(certificates(result)).toEqual(used("ec").slice(0, 1));
    expect(listenerConditions(result, "tls")).toEqual(LISTENER_OK);
    expect(result.problems).toEqual([]);
  });

  it.each([{}, { mode: "Terminate" }])("needs no mode, or Terminate: %j", (more) => {
    expect(certificates(rendered([gateway([tlsListener("tls", 443, "TLS", [REF], more), UDP]), EC]))).toEqual(used("ec"));
  });

  it.each([
    ["any type", "Opaque", { "tls.crt": pem("ec.crt"), "tls.key": pem("ec.key") }],
    ["no type", "", { "tls.crt": pem("ec.crt"), "tls.key": pem("ec.key") }],
    ["crt and key", "Opaque", { crt: pem("ec.crt"), key: pem("ec.key") }],
    ["cert and key", "Opaque", { cert: pem("ec.crt"), key: pem("ec.key") }],
    [
      "several, of which tls.crt and tls.key come first",
      "Opaque",
      { cert: "x", crt: "x", key: "x", "tls.crt": pem("ec.crt"), "tls.key": pem("ec.key") },
    ],
    ["crt before cert", "Opaque", { cert: "x", crt: pem("ec.crt"), "tls.key": pem("ec.key") }],
  ])("comes from a Secret with %s", (_, type, data) => {
    expect(certificates(rendered([tls(REF), secret("media/cert", data, type)]))).toEqual(used("ec"));
  });

  it.each([
    { group: "" },
    { group: "v1" },
    { kind: "Secret" },
    { kind: "" },
    { namespace: "media" },
    { namespace: "" },
  ])("is found by a reference with %j (I14)", (more) => {
    expect(certificates(rendered([tls({ ...REF, ...more }), EC]))).toEqual(used("ec"));
  });

  it("is the first that is usable", () => {
    const keyless = secret("media/keyless", { "tls.crt": pem("ec.crt") });
    const result = rendered([tls({ name: "missing" }, { name: "keyless" }, { name: "rsa" }, REF), keyless, RSA, EC]);
    expect(certificates(result)).toEqual(used("rsa"));
    expect(listenerConditions(result, "tls")).toEqual(LISTENER_OK);
    expect(result.problems).toEqual([]);
  });
});

// Edge cases 31, 34, 35; improvements I4, I38, I42.
describe("a TLS listener without a usable certificate", () => {
  it.each([
    ["a missing Secret", REF, [], ".certificateRefs[0]", "Secret media/cert does not exist"],
    ["a Secret of another namespace", REF, [secret("other/cert", pair("ec"))], ".certificateRefs[0]", "Secret media/cert does not exist"],
    [
      "no key",
      REF,
      [secret("media/cert", { "tls.crt": pem("ec.crt") })],
      ".certificateRefs[0]",
      "Secret media/cert has no private key; accepted data keys: tls.key, key",
    ],
    [
      "no certificate",
      REF,
      [secret("media/cert", { "tls.key": pem("ec.key") })],
      ".certificateRefs[0]",
      "Secret media/cert has no certificate; accepted data keys: tls.crt, crt, cert",
    ],
    [
      "another kind",
      { ...REF, kind: "ConfigMap" },
      [EC],
      ".certificateRefs[0].kind",
      'kind "ConfigMap" has no certificates; accepted: Secret',
    ],
    [
      "another group",
      { ...REF, group: "apps" },
      [EC],
      ".certificateRefs[0].group",
      'group "apps" has no certificates; accepted: the core group, ""',
    ],
    [
      "a key of another pair",
      REF,
      [secret("media/cert", { "tls.crt": pem("ec.crt"), "tls.key": pem("other.key") })],
      ".certificateRefs[0]",
      "Secret media/cert: the private key does not belong to the certificate",
    ],
  ])("is not rendered for %s, the others are", (_, ref, secrets, field, message) => {
    const result = rendered([tls(ref), route(), ...secrets]);
    expect(listenersOf(result).map((one) => one.name)).toEqual(["media/gw/udp"]);
    expect(listenerConditions(result, "tls")).toEqual(BAD);
    expect(
      listenerStatusOf(result, "tls").conditions.map((one) => one.message),
    ).toEqual(["listener accepted", "no conflicts", message, message]);
    expect(attachedRoutes(result)).toEqual(["tls=1", "udp=1"]);
    expect(gatewayConditions(result)[0]).toBe("Accepted=True/ListenersNotValid");
    expect(acceptedMessage(result)).toBe("listener tls is not valid; its conditions tell why");
    expect(result.problems).toEqual([
      { severity: "error", object: "Gateway media/gw", field: `spec.listeners[0].tls${field}`, reason: "InvalidCertificateRef", message },
    ]);
  });

  it.each([
    ["no tls", listener("tls", 443, "TLS")],
    ["mode Passthrough", tlsListener("tls", 443, "TURN-TLS", [REF], { mode: "Passthrough" })],
    ["no certificateRefs", tlsListener("tls", 443, "TURN-DTLS", [])],
    ["tls without certificateRefs", listener("tls", 443, "TLS", { tls: {} })],
  ])("is not rendered for %s", (_, one) => {
    const result = rendered([gateway([UDP, one]), EC]);
    expect(listenersOf(result).map((each) => each.name)).toEqual(["media/gw/udp"]);
    expect(listenerConditions(result, "tls")).toEqual(BAD);
    expect(result.problems).toEqual([
      {
        severity: "error",
        object: "Gateway media/gw",
        field: "spec.listeners[1].tls",
        reason: "InvalidCertificateRef",
        message: "a TLS or DTLS listener needs tls.mode Terminate and a certificateRefs entry that names a Secret",
      },
    ]);
  });

  it("tells of its first reference", () => {
    const result = rendered([tls({ name: "one" }, { name: "two", kind: "ConfigMap" })]);
    expect(conditionOf(listenerStatusOf(result, "tls").conditions, "ResolvedRefs").message).toBe("Secret media/one does not exist");
  });

  it("leaves its port reserved (edge case 29) but does not take it from a target port", () => {
    const result = rendered([gateway([tlsListener("dtls", 1, "DTLS", [REF]), listener("udp", 1, "UDP")])]);
    expect(listenersOf(result)).toEqual([]);
    expect(listenerConditions(result, "dtls")).toEqual(BAD);
    expect(listenerConditions(result, "udp")[1]).toBe("Conflicted=True/ProtocolConflict");
    const other = gateway(
      [tlsListener("dtls", 1, "DTLS", [REF]), listener("udp", 2, "UDP")],
      {},
      "media/gw",
      { annotations: { "stunner.l7mp.io/targetport": '"udp":1' } },
    );
    expect(listenersOf(rendered([other])).map((one) => one.name)).toEqual(["media/gw/udp"]);
  });
});

// improvements I40.
describe("certificates", () => {
  it("that are placeholders pass under trust only", () => {
    const objects = [tls(REF), secret("media/cert", { "tls.crt": "CERT", "tls.key": "KEY" })];
    expect(certificates(rendered(objects, { certificates: "trust" }))[0]).toEqual(["media/gw/tls", "Q0VSVA==", "S0VZ"]);
    expect(listenerConditions(rendered(objects), "tls")).toEqual(BAD);
  });

  it.each([
    ["expired", "the certificate expired on 2021-01-01T00:00:00.000Z"],
    ["future", "the certificate is not valid before 2100-01-01T00:00:00.000Z"],
  ])("that are %s are rendered and reported", (name, text) => {
    const objects = [tls(REF), secret("media/cert", pair(name))];
    const result = rendered(objects);
    expect(certificates(result)).toEqual(used(name));
    expect(listenerConditions(result, "tls")).toEqual(LISTENER_OK);
    const message = `Secret media/cert: ${text}`;
    const field = "spec.listeners[0].tls.certificateRefs[0]";
    expect(result.problems).toEqual([
      { severity: "warning", object: "Gateway media/gw", field, reason: "CertificateNotValidNow", message },
    ]);
    expect(gatewayConditions(result)[0]).toBe("Accepted=True/Accepted");
    expect(acceptedMessage(result)).toBe(`accepted by controller stunner.l7mp.io/gateway-operator; ${field}: ${message}`);
    expect(rendered(objects, { certificates: "trust" }).problems).toEqual([]);
  });
});

// improvements I20, I49; edge case 36.
describe("a Secret of another namespace", () => {
  const objects = [tls({ ...REF, namespace: "certs" }), secret("certs/cert", pair("ec"))];
  const allowed = grant(
    "certs/g",
    [{ group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "media" }],
    [{ group: "", kind: "Secret", name: "cert" }],
  );
  const field = "spec.listeners[0].tls.certificateRefs[0]";
  const remedy = "a ReferenceGrant in namespace certs from Gateway of media to Secret allows it";

  it("works and is reported under permit", () => {
    const result = rendered(objects);
    expect(certificates(result)).toEqual(used("ec"));
    const message = `Secret certs/cert of another namespace is used without a ReferenceGrant; ${remedy}`;
    expect(result.problems).toEqual([{ severity: "warning", object: "Gateway media/gw", field, reason: "CrossNamespaceSecret", message }]);
    expect(acceptedMessage(result)).toContain(message);
    expect(listenerConditions(result, "tls")).toEqual(LISTENER_OK);
  });

  it("is refused under enforce", () => {
    const result = rendered(objects, { referenceGrants: "enforce" });
    expect(listenersOf(result).map((one) => one.name)).toEqual(["media/gw/udp"]);
    expect(listenerConditions(result, "tls")[2]).toBe("ResolvedRefs=False/RefNotPermitted");
    const message = `Secret certs/cert is in another namespace and no ReferenceGrant allows its use; ${remedy}`;
    expect(result.problems).toEqual([{ severity: "error", object: "Gateway media/gw", field, reason: "RefNotPermitted", message }]);
  });

  it.each(["permit", "enforce"] as const)("is in order with a ReferenceGrant under %s", (referenceGrants) => {
    const result = rendered([...objects, allowed], { referenceGrants });
    expect(certificates(result)).toEqual(used("ec"));
    expect(result.problems).toEqual([]);
  });

  it("reports missing without leaving out the crossing under permit", () => {
    expect(listenerConditions(rendered([tls({ ...REF, namespace: "certs" })]), "tls")).toEqual(BAD);
  });
});

const config = (listeners: StunnerdConfig["listeners"]): StunnerdConfig => ({
  version: "v1",
  admin: { name: "media/gw", loglevel: "all:INFO", healthcheck_endpoint: "", offload_engine: "None" },
  auth: { type: "static", realm: "r", credentials: {} },
  ...(listeners ? { listeners } : {}),
});

// improvements I10: a TLS Secret that is broken or gone keeps its listener with the certificate published last.
describe("a certificate published last", () => {
  const last = { name: "media/gw/tls", protocol: "TURN-TLS" as const, address: "$STUNNER_ADDR", port: 443, cert: "T0xE", key: "S0VZ" };
  const published = new Map([["media/gw", config([{ ...last, name: "media/gw/other", cert: "eA==" }, last])]]);
  const HELD = [
    "Accepted=True/Accepted",
    "Conflicted=False/NoConflicts",
    "ResolvedRefs=False/InvalidCertificateRef",
    "Programmed=True/Programmed",
  ];

  it.each([
    ["is gone", []],
    ["is broken", [secret("media/cert", { "tls.crt": "x", "tls.key": "y" })]],
    ["lost its key", [secret("media/cert", { "tls.crt": pem("ec.crt") })]],
  ])("holds the listener whose Secret %s", (_, secrets) => {
    const result = rendered([tls(REF), ...secrets], { published });
    expect(certificates(result)[0]).toEqual(["media/gw/tls", "T0xE", "S0VZ"]);
    expect(listenerConditions(result, "tls")).toEqual(HELD);
    expect(
      conditionOf(listenerStatusOf(result, "tls").conditions, "Programmed").message,
    ).toBe("served with the certificate published last");
    expect(gatewayConditions(result)[0]).toBe("Accepted=True/ListenersNotValid");
    expect(result.problems.map((one) => one.reason)).toEqual(["InvalidCertificateRef"]);
  });

  it("is not needed where the Secret is in order", () => {
    expect(certificates(rendered([tls(REF), EC], { published }))).toEqual(used("ec"));
  });

  it.each([
    ["teardown", [tls(REF)], { published, onInvalid: "teardown" as const }],
    ["another listener's name", [gateway([tlsListener("tls2", 443, "TLS", [REF]), UDP])], { published }],
    ["nothing published", [tls(REF)], {}],
    ["a published listener without certificate", [tls(REF)], { published: new Map([["media/gw", config([{ ...last, cert: "" }])]]) }],
    ["a published listener without key", [tls(REF)], { published: new Map([["media/gw", config([{ ...last, key: "" }])]]) }],
    ["a published config without listeners", [tls(REF)], { published: new Map([["media/gw", config(undefined)]]) }],
    ["another Gateway's config", [tls(REF)], { published: new Map([["media/other", config([last])]]) }],
    ["no tls any more", [gateway([listener("tls", 443, "TLS"), UDP])], { published }],
    ["no certificateRefs any more", [gateway([tlsListener("tls", 443, "TLS", []), UDP])], { published }],
    [
      "a Secret that may not be read any more",
      [tls({ ...REF, namespace: "certs" }), secret("certs/cert", pair("ec"))],
      { published, referenceGrants: "enforce" as const },
    ],
  ])("does not count: %s", (_, objects, changes) => {
    const result = rendered(objects, changes);
    expect(listenersOf(result).map((one) => one.name)).toEqual(["media/gw/udp"]);
  });
});
