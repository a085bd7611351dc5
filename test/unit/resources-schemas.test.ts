import { describe, expect, test } from "vitest";
import { KINDS, groupOf, kindOf } from "../../shared/resources/kinds.ts";
import { keyOf } from "../../shared/resources/meta.ts";

/** `path: message` of everything that is wrong; messages of types and choices are the caller's to word. */
function flaws(apiVersion: string, kind: string, more: object, metadata: object = { name: "a", namespace: "ns" }): string[] {
  const parsed = kindOf({ apiVersion, kind })?.schema.safeParse({ apiVersion, kind, metadata, ...more });
  return (parsed?.error?.issues ?? []).map(({ path, message, code }) => `${path.join(".")}: ${code === "custom" ? message : code}`);
}

const GATEWAY = "gateway.networking.k8s.io/v1";
const STUNNER = "stunner.l7mp.io/v1";

function listenerFlaws(...listeners: object[]): string[] {
  const complete = listeners.map((one, index) => ({ name: `l${index}`, port: index + 1, protocol: "TURN-UDP", ...one }));
  return flaws(GATEWAY, "Gateway", { spec: { gatewayClassName: "c", listeners: complete } });
}

function addressFlaws(...addresses: object[]): string[] {
  return flaws(GATEWAY, "Gateway", { spec: { gatewayClassName: "c", listeners: [{ name: "a", port: 1, protocol: "UDP" }], addresses } });
}

function manyKeys(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));
}

function sameParent(index: number): string {
  return `spec.parentRefs.${index}.sectionName: must be given, and differ, in each of several references to the same parent`;
}

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

function rules(backend: object, count = 1, of = 1): object {
  return { spec: { rules: times(of, { backendRefs: times(count, { name: "s", ...backend }) }) } };
}

function configFlaws(spec: object): string[] {
  return flaws(STUNNER, "GatewayConfig", { spec });
}

function dataplaneFlaws(spec: object): string[] {
  return flaws(STUNNER, "Dataplane", { spec }, { name: "a" });
}

function serviceFlaws(spec: object): string[] {
  return flaws("v1", "Service", { spec });
}

function secretFlaws(x: string): string[] {
  return flaws("v1", "Secret", { data: { x } });
}

function metaFlaws(one: object): string[] {
  return flaws("v1", "ConfigMap", {}, { name: "a", ...one });
}

describe("Gateway", () => {
  test("takes 1 to 64 listeners", () => {
    expect(listenerFlaws()).toEqual(["spec.listeners: must have at least 1 item(s)"]);
    expect(listenerFlaws(...times(64, {}))).toEqual([]);
    expect(listenerFlaws(...times(65, {}))).toEqual(["spec.listeners: must have at most 64 items"]);
  });

  test("listener names are unique; so are port, protocol and hostname together, as literal texts", () => {
    expect(listenerFlaws({ name: "a" }, { name: "a" })).toEqual(["spec.listeners.1.name: must be unique within the Gateway"]);
    const both = "spec.listeners.1.port: must be unique: another listener has the same port, protocol and hostname";
    expect(listenerFlaws({ port: 1 }, { port: 1 })).toEqual([both]);
    expect(listenerFlaws({ port: 1 }, { port: 1, protocol: "UDP" })).toEqual([]);
    expect(listenerFlaws({ port: 1, protocol: "TURN-TCP" }, { port: 1, protocol: "turn-tcp" })).toEqual([]);
    expect(listenerFlaws({ port: 1, hostname: "a" }, { port: 1, hostname: "b" }, { port: 1 })).toEqual([]);
    expect(listenerFlaws({ port: 1, hostname: "a" }, { port: 1, hostname: "a" })).toEqual([both]);
  });

  test.each(["HTTP", "TCP", "UDP"])("protocol %s takes no tls", (protocol) => {
    const tls = { mode: "Passthrough" };
    expect(listenerFlaws({ protocol, tls })).toEqual([
      `spec.listeners.0.tls: must not be given for protocol ${protocol}; use TURN-TLS or TURN-DTLS for an encrypted listener`,
    ]);
    expect(listenerFlaws({ protocol: protocol.toLowerCase(), tls })).toEqual([]);
  });

  test("protocols TCP and UDP take no hostname", () => {
    expect(listenerFlaws({ protocol: "UDP", hostname: "a" })).toEqual(["spec.listeners.0.hostname: must not be given for protocol UDP"]);
    expect(listenerFlaws({ protocol: "TCP", hostname: "a" })).toEqual(["spec.listeners.0.hostname: must not be given for protocol TCP"]);
    expect(listenerFlaws({ protocol: "TURN-UDP", hostname: "*.a.example" })).toEqual([]);
  });

  test("TLS that terminates needs a certificate or an option", () => {
    const wrong = ["spec.listeners.0.tls.certificateRefs: must not be empty when mode is Terminate: name a Secret of type kubernetes.io/tls"];
    expect(listenerFlaws({ tls: {} })).toEqual(wrong);
    expect(listenerFlaws({ tls: { certificateRefs: [], options: {} } })).toEqual(wrong);
    expect(listenerFlaws({ tls: { options: { a: "b" } } })).toEqual([]);
    expect(listenerFlaws({ tls: { mode: "Passthrough" } })).toEqual([]);
    expect(listenerFlaws({ tls: { certificateRefs: [{ name: "s" }] } })).toEqual([]);
    expect(listenerFlaws({ tls: { certificateRefs: times(65, { name: "s" }) } })).toEqual([
      "spec.listeners.0.tls.certificateRefs: must have at most 64 items",
    ]);
    const options = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, ""]));
    expect(listenerFlaws({ tls: { options } })).toEqual(["spec.listeners.0.tls.options: must have at most 16 keys"]);
  });

  test.each([
    [{ port: 0 }, "port"],
    [{ port: 65536 }, "port"],
    [{ port: 1.5 }, "port"],
    [{ port: "80" }, "port"],
    [{ name: "A" }, "name"],
    [{ name: "" }, "name"],
    [{ name: "a".repeat(254) }, "name"],
    [{ protocol: "a b" }, "protocol"],
    [{ protocol: "" }, "protocol"],
    [{ protocol: "a".repeat(256) }, "protocol"],
    [{ hostname: "a.*" }, "hostname"],
    [{ allowedRoutes: { namespaces: { from: "None" } } }, "allowedRoutes.namespaces.from"],
    [{ allowedRoutes: { kinds: [{ kind: "" }] } }, "allowedRoutes.kinds.0.kind"],
    [{ allowedRoutes: { kinds: times(9, { kind: "A" }) } }, "allowedRoutes.kinds"],
  ])("refuses the listener %j", (listener, field) => {
    const paths = listenerFlaws(listener).map((flaw) => flaw.split(":")[0]);
    expect(paths[0]).toBe(`spec.listeners.0.${field}`);
  });

  test("protocols: one word, or domain/word", () => {
    expect(listenerFlaws({ protocol: "TURN-UDP" }, { protocol: "example.org/Custom" }, { protocol: "a" }, { protocol: "9-a" })).toEqual([]);
  });

  test("addresses have a value that fits their type, each once", () => {
    expect(addressFlaws({ value: "a.example" })[0]).toMatch(/^spec\.addresses\.0\.value: must be an IPv4 or IPv6 address.*type: Hostname$/);
    expect(addressFlaws({ type: "Hostname", value: "192_0" })[0]).toMatch(/^spec\.addresses\.0\.value: must be a DNS name/);
    const named = [{ type: "Hostname", value: "*.example" }, { type: "NamedAddress", value: "any thing" }];
    expect(addressFlaws({ value: "192.0.2.1" }, { value: "2001:db8::1" }, ...named)).toEqual([]);
    expect(addressFlaws({}, { value: "" }, { type: "Hostname" })).toEqual([]);
    expect(addressFlaws({ value: "192.0.2.1" }, { value: "192.0.2.1" })).toEqual(["spec.addresses.1.value: must be unique within addresses"]);
    expect(addressFlaws({ type: "NamedAddress", value: "a" }, { type: "NamedAddress", value: "a" })).toEqual([]);
    expect(addressFlaws(...Array.from({ length: 17 }, (_, index) => ({ value: `192.0.2.${index}` })))).toEqual([
      "spec.addresses: must have at most 16 items",
    ]);
    expect(addressFlaws({ type: "bad type" })[0]).toMatch(/^spec\.addresses\.0\.type: must be IPAddress, Hostname/);
  });

  test("infrastructure has at most 8 labels and 16 annotations", () => {
    const spec = { gatewayClassName: "c", listeners: [{ name: "a", port: 1, protocol: "UDP" }] };
    expect(flaws(GATEWAY, "Gateway", { spec: { ...spec, infrastructure: { labels: manyKeys(8), annotations: manyKeys(16) } } })).toEqual([]);
    expect(flaws(GATEWAY, "Gateway", { spec: { ...spec, infrastructure: { labels: manyKeys(9), annotations: manyKeys(17) } } })).toEqual([
      "spec.infrastructure.annotations: must have at most 16 keys",
      "spec.infrastructure.labels: must have at most 8 keys",
    ]);
  });
});

describe("UDPRoute of Gateway API", () => {
  test.each<[object[], string[]]>([
    [[{ name: "a" }, { name: "b" }], []],
    [[{ name: "a" }, { name: "a" }], [sameParent(1)]],
    [[{ name: "a", sectionName: "x" }, { name: "a", sectionName: "y" }], []],
    [[{ name: "a", sectionName: "x" }, { name: "a", sectionName: "x" }], [sameParent(1)]],
    [[{ name: "a", sectionName: "x" }, { name: "b" }, { name: "a" }], [sameParent(2)]],
    [[{ name: "a", port: 1 }, { name: "a", port: 2 }], []],
    [[{ name: "a", port: 1 }, { name: "a" }], [sameParent(1)]],
    [[{ name: "a", sectionName: "x", port: 1 }, { name: "a", sectionName: "x", port: 2 }], []],
    // Bundle 1.6 takes it, which does not look at ports; 1.0 does not.
    [[{ name: "a", sectionName: "x", port: 1 }, { name: "a", sectionName: "y" }], []],
    [[{ name: "a", sectionName: "x" }, { name: "a", port: 1 }], [sameParent(1)]],
    [[{ name: "a", namespace: "n" }, { name: "a" }], []],
    [[{ name: "a", group: "g" }, { name: "a" }], []],
    [[{ name: "a", kind: "K" }, { name: "a" }], []],
    [Array.from({ length: 33 }, (_, index) => ({ name: `p${index}` })), ["spec.parentRefs: must have at most 32 items"]],
  ])("parentRefs %#", (parentRefs, expected) => {
    expect(flaws("gateway.networking.k8s.io/v1alpha2", "UDPRoute", { spec: { parentRefs, rules: [{}] } })).toEqual(expected);
    const native = flaws(STUNNER, "UDPRoute", { spec: { parentRefs, rules: [{}] } });
    expect(native).toEqual(expected.filter((flaw) => flaw.includes("at most")));
  });

  test("bounds of rules, backends, ports and weights; stunner.l7mp.io bounds no port and knows no weight", () => {
    expect(flaws(GATEWAY, "UDPRoute", rules({ port: 65536, weight: 1_000_001 }))).toEqual([
      "spec.rules.0.backendRefs.0.port: must be a whole number from 1 to 65535",
      "spec.rules.0.backendRefs.0.weight: must be a whole number from 0 to 1000000",
    ]);
    expect(flaws(STUNNER, "UDPRoute", rules({ port: -65536, weight: "x" }))).toEqual([]);
    expect(flaws(STUNNER, "UDPRoute", rules({ port: 2 ** 31 }))).toEqual([
      "spec.rules.0.backendRefs.0.port: must be a whole number from -2147483648 to 2147483647",
    ]);
    for (const apiVersion of [GATEWAY, STUNNER]) {
      expect(flaws(apiVersion, "UDPRoute", rules({}, 16, 16))).toEqual([]);
      expect(flaws(apiVersion, "UDPRoute", rules({}, 17))).toEqual(["spec.rules.0.backendRefs: must have at most 16 items"]);
      expect(flaws(apiVersion, "UDPRoute", rules({}, 0))).toEqual(["spec.rules.0.backendRefs: must have at least 1 item(s)"]);
      expect(flaws(apiVersion, "UDPRoute", rules({}, 1, 17))).toEqual(["spec.rules: must have at most 16 items"]);
      expect(flaws(apiVersion, "UDPRoute", rules({}, 1, 0))).toEqual(["spec.rules: must have at least 1 item(s)"]);
    }
  });
});

describe("GatewayConfig", () => {
  test("authType is matched as the upstream's pattern matches: only its ends are bound", () => {
    const accepted = ["plaintext", "static", "longterm", "ephemeral", "timewindowed", "plaintext-x", "xstaticx", "x-timewindowed"];
    for (const authType of accepted) expect(configFlaws({ authType })).toEqual([]);
    for (const authType of ["none", "xplaintext", "timewindowedx", ""]) expect(configFlaws({ authType })).toEqual([
      expect.stringMatching(/^spec\.authType: must be one of static, ephemeral/),
    ]);
  });

  test("realm, userName, password, authRef", () => {
    expect(configFlaws({ realm: "a.b-c", userName: "aB9!#$%&'*+-.^_`|~", password: "x" })).toEqual([]);
    expect(configFlaws({ realm: "A", userName: "a b", password: "" }).map((flaw) => flaw.split(":")[0])).toEqual([
      "spec.realm", "spec.userName", "spec.password",
    ]);
    expect(configFlaws({ authRef: { name: "" } })).toEqual(["spec.authRef.name: must have at least 1 character(s)"]);
    // Lengths are those of characters, not of UTF-16 units.
    expect(configFlaws({ authRef: { name: "\u{1F4DE}".repeat(253) } })).toEqual([]);
    expect(configFlaws({ authRef: { name: "\u{1F4DE}".repeat(254) } })).toEqual(["spec.authRef.name: must have at most 253 characters"]);
  });

  test("needs no spec", () => {
    expect(flaws(STUNNER, "GatewayConfig", {})).toEqual([]);
    expect(flaws(STUNNER, "Dataplane", {})).toEqual([]);
  });
});

describe("Dataplane", () => {
  test("offloadEngine and dataplaneResource", () => {
    for (const offloadEngine of ["None", "XDP", "TC", "Auto", "NoneX", "xTCx"]) expect(dataplaneFlaws({ offloadEngine })).toEqual([]);
    expect(dataplaneFlaws({ offloadEngine: "none" })).toEqual(["spec.offloadEngine: must be one of None, XDP, TC and Auto"]);
    expect(dataplaneFlaws({ dataplaneResource: "DaemonSet" })).toEqual([]);
    expect(dataplaneFlaws({ dataplaneResource: "StatefulSet" })).toEqual(["spec.dataplaneResource: invalid_value"]);
  });

  test("quantities are whole numbers or texts", () => {
    expect(dataplaneFlaws({ resources: { limits: { cpu: 2, memory: "1.5Gi", x: "250m", y: "-1e3", z: ".5" } } })).toEqual([]);
    expect(dataplaneFlaws({ resources: { limits: { cpu: "1 Gi" } } })).toEqual([
      "spec.resources.limits.cpu: must be a quantity, such as 250m, 20M or 1Gi",
    ]);
    expect(dataplaneFlaws({ resources: { requests: { cpu: 1.5 } } })).toEqual([
      "spec.resources.requests.cpu: must be a whole number or a text; put other numbers in quotes",
    ]);
  });

  test("numbers have their widths", () => {
    expect(dataplaneFlaws({ replicas: -(2 ** 31), terminationGracePeriodSeconds: 2 ** 60 })).toEqual([]);
    expect(dataplaneFlaws({ replicas: 2 ** 31 })).toHaveLength(1);
    expect(dataplaneFlaws({ terminationGracePeriodSeconds: 0.5 })).toEqual(["spec.terminationGracePeriodSeconds: must be a whole number"]);
  });

  test("resource claims are unique by name", () => {
    expect(dataplaneFlaws({ resources: { claims: [{ name: "a" }, { name: "b" }] } })).toEqual([]);
    expect(dataplaneFlaws({ resources: { claims: [{ name: "a" }, { name: "a" }] } })).toEqual([
      "spec.resources.claims: must not repeat an item (same name)",
    ]);
  });
});

describe("conditions", () => {
  const condition = { type: "Accepted", status: "True", reason: "Accepted", message: "", lastTransitionTime: "2026-01-31T12:00:00Z" };
  const status = (...conditions: object[]): string[] =>
    flaws(
      GATEWAY,
      "GatewayClass",
      { spec: { controllerName: "a/b" }, status: { conditions: conditions.map((one) => ({ ...condition, ...one })) } },
      { name: "a" },
    );

  test("have the form that the API server asks for", () => {
    expect(status({}, { type: "example.org/Other", observedGeneration: 0, lastTransitionTime: "2024-02-29t23:59:59.123+05:30" })).toEqual([]);
    expect(status({}, {})).toEqual(["status.conditions: must not repeat an item (same type)"]);
    expect(status(...Array.from({ length: 9 }, (_, index) => ({ type: `T${index}` })))).toEqual([
      "status.conditions: must have at most 8 items",
    ]);
    const bad: [object, string][] = [
      [{ type: "a b" }, "type"],
      [{ type: "A".repeat(317) }, "type"],
      [{ status: "true" }, "status"],
      [{ reason: "" }, "reason"],
      [{ reason: "9" }, "reason"],
      [{ message: "x".repeat(32_769) }, "message"],
      [{ observedGeneration: -1 }, "observedGeneration"],
      [{ lastTransitionTime: "yesterday" }, "lastTransitionTime"],
      [{ lastTransitionTime: "2026-13-01T00:00:00Z" }, "lastTransitionTime"],
    ];
    for (const [one, field] of bad) expect(status(one)[0]).toMatch(new RegExp(`^status\\.conditions\\.0\\.${field}: `));
  });
});

describe("Service", () => {
  test("needs a port, unless it is headless or a name", () => {
    expect(serviceFlaws({})).toEqual(["spec.ports: must have at least one port, unless clusterIP is None"]);
    expect(serviceFlaws({ clusterIP: "None" })).toEqual([]);
    expect(serviceFlaws({ type: "ExternalName", externalName: "a.example" })).toEqual([]);
    expect(serviceFlaws({ type: "ExternalName" })).toEqual(["spec.externalName: must be given when type is ExternalName"]);
    expect(flaws("v1", "Service", {})).toEqual([]);
  });

  test("several ports have names, and are not the same", () => {
    expect(serviceFlaws({ ports: [{ port: 1 }] })).toEqual([]);
    expect(serviceFlaws({ ports: [{ name: "a", port: 1 }, { name: "b", port: 1, protocol: "UDP" }] })).toEqual([]);
    expect(serviceFlaws({ ports: [{ name: "a", port: 1 }, { port: 2 }] })).toEqual([
      "spec.ports.1.name: must be given when there are several ports",
    ]);
    expect(serviceFlaws({ ports: [{ name: "a", port: 1 }, { name: "a", port: 2 }] })).toEqual([
      "spec.ports.1.name: must be unique within the Service",
    ]);
    expect(serviceFlaws({ ports: [{ name: "a", port: 1 }, { name: "b", port: 1, protocol: "TCP" }] })).toEqual([
      "spec.ports.1.port: must be unique: another port has the same number and protocol",
    ]);
  });
});

test("Secret: data is base64, line breaks allowed", () => {
  for (const good of ["", "eA==", "eHg=", "eHh4", "eH\nh4\r\n", "+/+/"]) expect(secretFlaws(good)).toEqual([]);
  for (const bad of ["x", "eA=", "e===", "-_-_", "eA==eA==", "eA== "]) expect(secretFlaws(bad)).toEqual([
    "data.x: must be standard base64; plain text belongs in stringData",
  ]);
});

describe("metadata", () => {
  test("names are DNS names, so that none leads out of its place", () => {
    for (const name of ["a", "a.b-c.9", "a".repeat(253)]) expect(metaFlaws({ name })).toEqual([]);
    for (const name of ["", "..", "a/b", "A", "-a", "a.", "a%2fb", "a".repeat(254)]) {
      expect(metaFlaws({ name })[0]).toMatch(/^metadata\.name: must/);
    }
    for (const namespace of ["..", "a.b", "A", "a".repeat(64)]) expect(metaFlaws({ namespace })[0]).toMatch(/^metadata\.namespace: must/);
  });

  test("labels and annotations", () => {
    expect(metaFlaws({ labels: { "a.b/c_D": "x.Y_1", e: "" }, annotations: { "a/b": "any thing" } })).toEqual([]);
    expect(metaFlaws({ labels: { a: "x y" } })[0]).toMatch(/^metadata\.labels\.a: must be empty, or letters/);
    expect(metaFlaws({ labels: { a: "x".repeat(64) } })).toEqual(["metadata.labels.a: must have at most 63 characters"]);
    expect(metaFlaws({ labels: { "a b": "" } })).toEqual(["metadata.labels.a b: invalid_key"]);
    expect(metaFlaws({ annotations: { "/a": "" } })).toEqual(["metadata.annotations./a: invalid_key"]);
  });

  test("keyOf", () => {
    expect(keyOf({ metadata: { name: "a", namespace: "b" } })).toBe("b/a");
    expect(keyOf({ metadata: { name: "a" } })).toBe("a");
    expect(keyOf({ metadata: { name: "a", namespace: "" } })).toBe("a");
  });
});

describe("kinds", () => {
  test("are found by group and kind, whatever the version", () => {
    expect(kindOf({ apiVersion: "gateway.networking.k8s.io/v1beta1", kind: "Gateway" })?.apiVersion).toBe(GATEWAY);
    const service = { plural: "services", group: "", apiVersion: "v1", namespaced: true, complete: false };
    expect(kindOf({ apiVersion: "v1", kind: "Service" })).toMatchObject(service);
    expect(kindOf({ apiVersion: STUNNER, kind: "Dataplane" })).toMatchObject({ plural: "dataplanes", namespaced: false, complete: true });
    expect(kindOf({ apiVersion: STUNNER, kind: "UDPRoute" })).not.toBe(kindOf({ apiVersion: GATEWAY, kind: "UDPRoute" }));
    expect(kindOf({ apiVersion: "v1", kind: "Gateway" })).toBeUndefined();
  });

  test("groupOf", () => {
    expect(groupOf("v1")).toBe("");
    expect(groupOf("apps/v1")).toBe("apps");
  });

  test("each takes the apiVersion that it names, and no other", () => {
    for (const { schema, apiVersion, kind } of KINDS) {
      const issues = schema.safeParse({ apiVersion: "x/v1", kind: "X", metadata: { name: "a" } }).error?.issues ?? [];
      expect(issues.map(({ path }) => path[0])).toEqual(expect.arrayContaining(["apiVersion", "kind"]));
      const own = schema.safeParse({ apiVersion, kind, metadata: { name: "a" } }).error?.issues ?? [];
      expect(own.map(({ path }) => path[0])).not.toContain("apiVersion");
      expect(own.map(({ path }) => path[0])).not.toContain("kind");
    }
  });
});
