import { describe, expect, it } from "vitest";
import type { StunnerdConfig } from "../../../shared/resources/stunnerd-config.ts";
import {
  annotated,
  gateway,
  gatewayClass,
  gatewayConfig,
  listener,
  node,
  ownedService,
  PARAMETERS_REF,
  rendered,
  route,
  secret,
  service,
  slice,
  tlsListener,
  UDP,
} from "./builders.ts";
import { classConditions, gatewayConditions, listenerConditions, objectKeys, objectOf, parentLines, statusOf } from "./reading.ts";

const legacy = { mode: "legacy" as const };
const MAP = "stunner-system/stunnerd-config";
const textOf = (result: ReturnType<typeof rendered>, key = MAP): string =>
  (objectOf(result, "ConfigMap", key)?.["data"] as Record<string, string> | undefined)?.["stunnerd.conf"] ?? "none";
const configOf = (result: ReturnType<typeof rendered>, key = MAP) => JSON.parse(textOf(result, key)) as StunnerdConfig;

// spec/rendering.md 7.5, the worked example.
describe("the worked example in legacy mode", () => {
  const NS = "stunner-system";
  const ownedBy = ownedService(
    { type: "NodePort", ports: [{ name: "udp", protocol: "UDP", port: 3478, nodePort: 30_478 }] },
    undefined,
    `${NS}/gw-a`,
  );
  const rendering = () => rendered(
    [
      gatewayConfig({ authType: "plaintext", userName: "alice", password: "wonder" }),
      gateway([listener("udp", 3478, "UDP")], {}, `${NS}/gw-a`),
      gateway([listener("tcp", 3478, "TURN-TCP")], {}, `${NS}/gw-b`),
      ownedBy,
      node("n1", [{ type: "InternalIP", address: "10.0.0.1" }, { type: "ExternalIP", address: "198.51.100.7" }]),
      service(`${NS}/echo`, { clusterIP: "10.96.0.5" }),
      slice(`${NS}/echo`, ["10.1.0.3"]),
      route([{ name: "echo" }], { parentRefs: [{ name: "gw-a" }, { name: "gw-b" }] }, `${NS}/echo-route`),
    ],
    legacy,
  );

  it("has the ConfigMap", () => {
    const result = rendering();
    expect(configOf(result)).toEqual({
      version: "v1",
      admin: { name: "stunner-daemon", loglevel: "all:INFO", healthcheck_endpoint: "http://:8086", offload_engine: "None" },
      auth: { type: "static", realm: "stunner.l7mp.io", credentials: { password: "wonder", username: "alice" } },
      listeners: [
        {
          name: "stunner-system/gw-a/udp",
          protocol: "TURN-UDP",
          public_address: "198.51.100.7",
          public_port: 30_478,
          address: "$STUNNER_ADDR",
          port: 3478,
          routes: ["stunner-system/echo-route"],
        },
        {
          name: "stunner-system/gw-b/tcp",
          protocol: "TURN-TCP",
          address: "$STUNNER_ADDR",
          port: 3478,
          routes: ["stunner-system/echo-route"],
        },
      ],
      clusters: [{ name: "stunner-system/echo-route", type: "STATIC", protocol: "UDP", endpoints: ["10.1.0.3", "10.96.0.5"] }],
    });
    expect(textOf(result)).toMatch(
      /^\{"version":"v1","admin":\{"name":"stunner-daemon",.*"credentials":\{"password":"wonder","username":"alice"\}\},"listeners":\[/,
    );
  });

  it("has the statuses", () => {
    const result = rendering();
    expect(gatewayConditions(result, `${NS}/gw-a`)).toEqual(["Accepted=True/Accepted", "Programmed=True/Programmed"]);
    expect(gatewayConditions(result, `${NS}/gw-b`)).toEqual(["Accepted=True/Accepted", "Programmed=False/AddressNotAssigned"]);
    expect(statusOf(result, "Gateway", `${NS}/gw-a`)?.addresses).toEqual([{ type: "IPAddress", value: "198.51.100.7" }]);
    expect(statusOf(result, "Gateway", `${NS}/gw-b`)).not.toHaveProperty("addresses");
    expect(parentLines(result, `${NS}/echo-route`)).toEqual([
      "gw-a Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs",
      "gw-b Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs",
    ]);
  });

  it("has the Services and no workload", () => {
    const result = rendering();
    expect(objectKeys(result)).toEqual([`ConfigMap/${MAP}`, `Service/${NS}/gw-a`, `Service/${NS}/gw-b`]);
    for (const name of ["gw-a", "gw-b"]) expect(
      objectOf(result, "Service", `${NS}/${name}`)?.["spec"],
    ).toMatchObject({ type: "LoadBalancer", selector: { app: "stunner" } });
    expect(result.configs.size).toBe(0);
  });
});

// spec/rendering.md 7.3; improvements I11.
describe("the legacy ConfigMap", () => {
  const metadata = {
    name: "stunnerd-config",
    namespace: "stunner-system",
    labels: { "stunner.l7mp.io/owned-by": "stunner" },
    annotations: { "stunner.l7mp.io/related-gateway-name": "/turn" },
  };

  it("belongs to the class under hold, so that it outlives the GatewayConfig", () => {
    expect(objectOf(rendered([], legacy), "ConfigMap", MAP)?.metadata).toEqual({
      ...metadata,
      ownerReferences: [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", name: "turn", uid: "uid-of-turn" }],
    });
  });

  it("belongs to the GatewayConfig under teardown, as upstream has it", () => {
    expect(objectOf(rendered([], { ...legacy, onInvalid: "teardown" }), "ConfigMap", MAP)?.metadata).toEqual({
      ...metadata,
      ownerReferences: [{ apiVersion: "stunner.l7mp.io/v1", kind: "GatewayConfig", name: "conf", uid: "uid-of-conf" }],
    });
  });

  it("has an empty uid of its owner where the source has none", () => {
    expect(
      objectOf(rendered([gatewayClass({}, "turn", { uid: undefined })], legacy), "ConfigMap", MAP)?.metadata.ownerReferences?.[0]?.uid,
    ).toBe("");
  });

  it("has version, admin and auth only without Gateways (edge case 86)", () => {
    expect(configOf(rendered([], legacy))).toEqual({
      version: "v1",
      admin: { name: "stunner-daemon", loglevel: "all:INFO", healthcheck_endpoint: "http://:8086", offload_engine: "None" },
      auth: { type: "static", realm: "stunner.l7mp.io", credentials: { password: "wonder", username: "alice" } },
    });
    expect(classConditions(rendered([], legacy))).toEqual(["Accepted=True/Accepted"]);
  });

  it.each([
    ["all:WARN", "all:WARN"],
    ["", "all:INFO"],
  ])("has log level %j", (logLevel, wanted) => {
    expect(configOf(rendered([gatewayConfig({ userName: "a", password: "b", logLevel })], legacy)).admin.loglevel).toBe(wanted);
    expect(
      configOf(rendered([{ ...gatewayConfig(), spec: { authType: "ephemeral", sharedSecret: "x" } }], legacy)).admin.loglevel,
    ).toBe("all:INFO");
  });

  // improvements I36; spec/stunnerd.md 2.3: stunnerd expands variables in the text.
  it("escapes every dollar sign but that of the listener address", () => {
    const text = textOf(rendered([gateway(), gatewayConfig({ userName: "${USER}", password: "a$b" })], legacy));
    expect(text).toContain(String.raw`"password":"a\u0024b","username":"\u0024{USER}"`);
    expect(text).toContain('"address":"$STUNNER_ADDR"');
    expect((JSON.parse(text) as StunnerdConfig).auth.credentials).toEqual({ password: "a$b", username: "${USER}" });
  });
});

// One stunnerd serves all Gateways of the class; improvements I4, I36.
describe("ports of all Gateways of a class", () => {
  it("are one stunnerd's: the first Gateway by name has them", () => {
    const result = rendered(
      [gateway(undefined, {}, "media/b"), gateway(undefined, {}, "media/a"), gateway([listener("tcp", 3478, "TCP")], {}, "media/c")],
      legacy,
    );
    expect(configOf(result).listeners?.map((one) => one.name)).toEqual(["media/a/udp", "media/c/tcp"]);
    expect(listenerConditions(result, "udp", "media/b")).toEqual([
      "Accepted=False/PortUnavailable",
      "Conflicted=True/ProtocolConflict",
      "ResolvedRefs=True/ResolvedRefs",
      "Programmed=False/Invalid",
    ]);
    expect(objectKeys(result)).not.toContain("Service/media/b");
  });

  it("are apart by their target ports", () => {
    const other = annotated({ "stunner.l7mp.io/targetport": '"udp":3479' });
    const result = rendered([other, gateway(undefined, {}, "media/a")], legacy);
    expect(configOf(result).listeners?.map((one) => `${one.name} ${one.port}`)).toEqual(["media/a/udp 3478", "media/gw/udp 3479"]);
  });

  it("do not include that of health checks", () => {
    const result = rendered(
      [gateway([listener("tcp", 8086, "TCP"), listener("udp", 8086, "UDP"), listener("metrics", 8080, "TCP")])],
      legacy,
    );
    expect(configOf(result).listeners?.map((one) => one.name)).toEqual(["media/gw/udp", "media/gw/metrics"]);
  });
});

const live = (text: string) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "stunnerd-config", namespace: "stunner-system" },
  data: { "stunnerd.conf": text },
});

// improvements I10 in legacy mode: what was published last is in the ConfigMap.
describe("a certificate in the live ConfigMap", () => {
  const listeners = [
    { name: "media/gw/nokey", cert: "eA==" },
    { name: "media/gw/nocert", key: "eA==" },
    { name: "media/gw/tls", protocol: "TURN-TLS", cert: "T0xE", key: "S0VZ" },
  ];
  const gw = gateway([
    tlsListener("tls", 443, "TLS", [{ name: "cert" }]),
    tlsListener("nokey", 444, "TLS", [{ name: "cert" }]),
    tlsListener("nocert", 445, "TLS", [{ name: "cert" }]),
    UDP,
  ]);
  const names = (text: string, changes = {}) => configOf(rendered([gw, live(text)], { ...legacy, ...changes })).listeners?.map(
    (one) => [one.name, one.cert, one.key].filter(Boolean).join(" "),
  );

  it("holds the listener whose Secret is gone", () => {
    expect(names(JSON.stringify({ listeners }))).toEqual(["media/gw/tls T0xE S0VZ", "media/gw/udp"]);
    expect(names(JSON.stringify({ listeners }), { onInvalid: "teardown" })).toEqual(["media/gw/udp"]);
  });

  it.each([
    ["broken", "{"],
    ["empty", ""],
    ["of another shape", "[1]"],
    ["with listeners of another shape", '{"listeners":[{"name":5}]}'],
    ["without listeners", "{}"],
    ["with a number for its listeners", '{"listeners":5}'],
    ["with null for its listeners", '{"listeners":null}'],
    ["with no text for a certificate", '{"listeners":[{"name":"media/gw/tls","cert":5,"key":"S0VZ"}]}'],
    ["with no text for a key", '{"listeners":[{"name":"media/gw/tls","cert":"T0xE","key":{}}]}'],
  ])("is nothing where the text is %s", (_, text) => {
    expect(names(text)).toEqual(["media/gw/udp"]);
  });

  it("is nothing where there is no text or no ConfigMap", () => {
    const bare = { ...live(""), data: undefined };
    expect(configOf(rendered([gw, bare], legacy)).listeners).toHaveLength(1);
    expect(configOf(rendered([gw], legacy)).listeners).toHaveLength(1);
  });

  it("is not looked for in another namespace", () => {
    const far = { ...live(JSON.stringify({ listeners })), metadata: { name: "stunnerd-config", namespace: "media" } };
    expect(configOf(rendered([gw, far], legacy)).listeners).toHaveLength(1);
  });
});

it("auth from a Secret counts as in managed mode (golden 187)", () => {
  const result = rendered(
    [gatewayConfig({ authRef: { name: "s" } }), secret("stunner-system/s", { type: "ephemeral", secret: "x" })],
    legacy,
  );
  expect(configOf(result).auth).toEqual({ type: "ephemeral", realm: "stunner.l7mp.io", credentials: { secret: "x" } });
});

it("classes of different namespaces stand side by side", () => {
  const second = [
    gatewayClass({ parametersRef: { ...PARAMETERS_REF, namespace: "two" } }, "second"),
    gatewayConfig({ userName: "b", password: "c" }, "two/conf"),
  ];
  const result = rendered([...second, gateway(), gateway(undefined, { gatewayClassName: "second" }, "two/gw")], legacy);
  expect(configOf(result).listeners?.map((one) => one.name)).toEqual(["media/gw/udp"]);
  expect(configOf(result, "two/stunnerd-config").listeners?.map((one) => one.name)).toEqual(["two/gw/udp"]);
});
