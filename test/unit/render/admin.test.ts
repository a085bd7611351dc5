import { describe, expect, it } from "vitest";
import { legacyAdmin, managedAdmin } from "../../../shared/render/admin.ts";
import { clusterState } from "../../../shared/state/cluster-state.ts";
import { dataplane, gateway, gatewayConfig, listener, options, rendered, theGatewayConfig } from "./builders.ts";
import { classConditions, configOf, gatewayConditions, problemLines } from "./reading.ts";

const CREDENTIALS = { userName: "alice", password: "wonder" };
const adminOf = (dataplaneSpec: Record<string, unknown>, configSpec: Record<string, unknown> = {}) =>
  configOf(rendered([gateway(), dataplane(dataplaneSpec), gatewayConfig({ ...CREDENTIALS, ...configSpec })]))?.admin;

// spec/rendering.md 4.1 to 4.3, 7.1; edge cases 18, 19, 20.
describe("admin in managed mode", () => {
  it("has its defaults, in this order", () => {
    const admin = { name: "media/gw", loglevel: "all:INFO", healthcheck_endpoint: "http://:8086", offload_engine: "None" };
    expect(JSON.stringify(adminOf({}))).toBe(JSON.stringify(admin));
    expect(configOf(rendered([gateway(), { ...dataplane(), spec: undefined }]))?.admin).toEqual(admin);
  });

  it("has all that the Dataplane asks for, in this order", () => {
    const admin = adminOf(
      { enableMetricsEndpoint: true, disableHealthCheck: true, offloadEngine: "XDP", offloadInterfaces: ["eth1", "eth0"] },
      { logLevel: "all:WARN,turn:DEBUG" },
    );
    expect(JSON.stringify(admin)).toBe(
      '{"name":"media/gw","loglevel":"all:WARN,turn:DEBUG","metrics_endpoint":"http://:8080/metrics",' +
        '"healthcheck_endpoint":"","offload_engine":"XDP","offload_interfaces":["eth0","eth1"]}',
    );
  });

  it.each([
    [{ enableMetricsEndpoint: false }, {}],
    [{ disableHealthCheck: false }, {}],
    [{ offloadInterfaces: [] }, {}],
    [{}, { logLevel: "" }],
    [{}, { userQuota: 7, stunMode: true, authLifetime: 5 }],
    [{ offloadEngine: "" }, {}],
  ])("Dataplane %j, GatewayConfig %j: the defaults", (dataplaneSpec, configSpec) => {
    expect(adminOf(dataplaneSpec, configSpec)).toEqual({
      name: "media/gw",
      loglevel: "all:INFO",
      healthcheck_endpoint: "http://:8086",
      offload_engine: "None",
    });
  });

  it.each([
    ["xdp", "XDP"],
    ["TC", "TC"],
    ["tC", "TC"],
    ["AUTO", "Auto"],
    ["Auto", "Auto"],
    ["none", "None"],
  ])("offload engine %s is %s", (text, wanted) => {
    expect(adminOf({ offloadEngine: text })?.offload_engine).toBe(wanted);
  });

  it("fails the Gateways, not the class, for an unknown offload engine", () => {
    const result = rendered([gateway(), dataplane({ offloadEngine: "XDPfoo" })]);
    expect(result.configs.size).toBe(0);
    expect(classConditions(result)).toEqual(["Accepted=True/Accepted"]);
    expect(gatewayConditions(result)).toEqual(["Accepted=False/Pending", "Programmed=False/Invalid"]);
    expect(result.problems).toEqual([
      {
        severity: "error",
        object: "Dataplane default",
        field: "spec.offloadEngine",
        reason: "InvalidOffloadEngine",
        message: 'unknown offload engine "XDPfoo"; accepted: None, XDP, TC, Auto',
      },
    ]);
  });

  // stunnerd binds these ports itself; a config with a listener on them could not start (I4).
  it.each([
    ["8086", 8086, {}, ["PortUnavailable"]],
    ["8086 without health checks", 8086, { disableHealthCheck: true }, []],
    ["8080", 8080, {}, []],
    ["8080 with metrics", 8080, { enableMetricsEndpoint: true }, ["PortUnavailable"]],
    ["8080 with metrics, without health checks", 8080, { enableMetricsEndpoint: true, disableHealthCheck: true }, ["PortUnavailable"]],
  ])("a TCP listener on %s", (_, port, dataplaneSpec, reasons) => {
    const result = rendered([gateway([listener("tcp", port, "TCP")]), dataplane(dataplaneSpec)]);
    expect(result.problems.map((one) => one.reason)).toEqual(reasons);
    expect(configOf(result)?.listeners?.length ?? 0).toBe(reasons.length === 0 ? 1 : 0);
  });

  it("leaves UDP on its own ports alone", () => {
    const result = rendered([
      gateway([listener("a", 8086, "UDP"), listener("b", 8080, "UDP")]),
      dataplane({ enableMetricsEndpoint: true }),
    ]);
    expect(problemLines(result)).toEqual([]);
  });
});

it("the name is that of the Gateway of the config", () => {
  const result = rendered([gateway(), gateway([listener("x", 1, "UDP")], {}, "other/gw2")], options());
  expect([...result.configs].map(([key, one]) => [key, one.config.admin.name, one.uid])).toEqual([
    ["media/gw", "media/gw", "uid-of-gw"],
    ["other/gw2", "other/gw2", "uid-of-gw2"],
  ]);
});

it("admin needs no spec of the GatewayConfig", () => {
  const bare = theGatewayConfig({ ...gatewayConfig(), spec: undefined });
  const [edge] = clusterState([dataplane()]).dataplanes.values();
  expect(legacyAdmin(bare).loglevel).toBe("all:INFO");
  expect(edge && managedAdmin("media/gw", bare, edge).value?.loglevel).toBe("all:INFO");
});

it("the uid is empty where the source has none", () => {
  const result = rendered([gateway(undefined, {}, "media/gw", { uid: undefined })]);
  expect(result.configs.get("media/gw")?.uid).toBe("");
});
