import { describe, expect, it } from "vitest";
import { dataplane, gateway, gatewayClass, gatewayConfig, PARAMETERS_REF, rendered, route, UDP } from "./builders.ts";
import { acceptedMessage, classConditions, conditionOf, configOf, gatewayConditions, parentLines, statusOf } from "./reading.ts";

const INVALID = ["Accepted=False/InvalidParameters"];
const GATEWAY_INVALID = ["Accepted=False/Pending", "Programmed=False/Invalid"];

describe("a class of another controller", () => {
  // Edge case 2; improvements I7.
  it("is none of ours, nor are its Gateways and routes", () => {
    const result = rendered([gatewayClass({ controllerName: "example.com/other" }), gateway(), route()]);
    expect(result.statuses).toEqual([]);
    expect(result.problems).toEqual([]);
    expect([...result.configs.keys(), ...result.objects, ...result.deletions, ...result.orphans]).toEqual([]);
  });

  it("is ours where the controller name is set to it", () => {
    const result = rendered([gatewayClass({ controllerName: "example.com/other" }), gateway()], { controllerName: "example.com/other" });
    expect(statusOf(result, "GatewayClass", "turn")?.conditions).toEqual([
      {
        type: "Accepted",
        status: "True",
        reason: "Accepted",
        message: "class is managed by controller example.com/other",
        observedGeneration: 7,
      },
    ]);
    expect(
      conditionOf(statusOf(result, "Gateway", "media/gw")?.conditions, "Accepted").message,
    ).toBe("accepted by controller example.com/other");
  });
});

// spec/rendering.md 3.1, 3.2; edge case 3; improvements I12.
describe("a malformed class is Accepted=False/InvalidParameters", () => {
  it.each([
    [
      "no parametersRef",
      undefined,
      "spec.parametersRef",
      "parametersRef is missing; accepted: a GatewayConfig of group stunner.l7mp.io with its namespace",
    ],
    [
      "another group",
      { ...PARAMETERS_REF, group: "example.com" },
      "spec.parametersRef.group",
      'parametersRef has group "example.com"; accepted: stunner.l7mp.io',
    ],
    [
      "another kind",
      { ...PARAMETERS_REF, kind: "ConfigMap" },
      "spec.parametersRef.kind",
      'parametersRef has kind "ConfigMap"; accepted: GatewayConfig',
    ],
    ["no name", { ...PARAMETERS_REF, name: "" }, "spec.parametersRef.name", "parametersRef has no name"],
    [
      "no namespace",
      { ...PARAMETERS_REF, namespace: undefined },
      "spec.parametersRef.namespace",
      "parametersRef has no namespace; that of the GatewayConfig is needed",
    ],
    [
      "an empty namespace",
      { ...PARAMETERS_REF, namespace: "" },
      "spec.parametersRef.namespace",
      "parametersRef has no namespace; that of the GatewayConfig is needed",
    ],
    [
      "a GatewayConfig that does not exist",
      { ...PARAMETERS_REF, name: "none" },
      "spec.parametersRef",
      "GatewayConfig stunner-system/none does not exist",
    ],
    [
      "a GatewayConfig of another namespace",
      { ...PARAMETERS_REF, namespace: "media" },
      "spec.parametersRef",
      "GatewayConfig media/conf does not exist",
    ],
  ])("%s", (_, parametersRef, field, message) => {
    const result = rendered([gatewayClass({ parametersRef }), gateway()]);
    expect(classConditions(result)).toEqual(INVALID);
    expect(statusOf(result, "GatewayClass", "turn")?.conditions?.[0]?.message).toBe(`GatewayClass turn: ${message}`);
    expect(gatewayConditions(result)).toEqual(GATEWAY_INVALID);
    expect(result.configs.size).toBe(0);
    expect(result.problems).toEqual([{ severity: "error", object: "GatewayClass turn", field, reason: "InvalidParameters", message }]);
  });
});

it("a malformed class without Gateways is a problem too", () => {
  expect(rendered([gatewayClass({ parametersRef: undefined })]).problems.map((one) => one.field)).toEqual(["spec.parametersRef"]);
});

// spec/resources.md 3.6: no fallback to `default`.
describe("the Dataplane of a class", () => {
  it.each([
    [undefined, "default"],
    ["edge", "edge"],
  ])("%j is %s", (name, wanted) => {
    const config = gatewayConfig({ userName: "a", password: "b", ...(name ? { dataplane: name } : {}) });
    const result = rendered([gateway(), config, dataplane({ offloadEngine: "TC" }, wanted)]);
    expect(configOf(result)?.admin.offload_engine).toBe("TC");
  });

  it("that is missing makes the class invalid", () => {
    const result = rendered([gateway(), gatewayConfig({ userName: "a", password: "b", dataplane: "edge" })]);
    expect(classConditions(result)).toEqual(INVALID);
    expect(gatewayConditions(result)).toEqual(GATEWAY_INVALID);
    const message = "Dataplane edge does not exist";
    expect(result.problems).toEqual([
      { severity: "error", object: "GatewayConfig stunner-system/conf", field: "spec.dataplane", reason: "InvalidParameters", message },
    ]);
    expect(acceptedMessage(result)).toBe(`GatewayConfig stunner-system/conf: ${message}; the last good dataplane keeps running`);
    expect(conditionOf(statusOf(result, "Gateway", "media/gw")?.conditions, "Programmed").message).toBe(
      `controller stunner.l7mp.io/gateway-operator: GatewayConfig stunner-system/conf: ${message}; the last good dataplane keeps running`,
    );
  });

  it("is not looked for in legacy mode (edge case 6)", () => {
    const result = rendered([gateway(), gatewayConfig({ userName: "a", password: "b", dataplane: "edge" })], { mode: "legacy" });
    expect(classConditions(result)).toEqual(["Accepted=True/Accepted"]);
  });
});

const withRef = (ref: Record<string, string>) => gateway([UDP], { infrastructure: { parametersRef: ref } });

// improvements I41.
describe("the Dataplane of one Gateway", () => {
  it("is the one that infrastructure.parametersRef names", () => {
    const own = withRef({ group: "stunner.l7mp.io", kind: "Dataplane", name: "edge" });
    const result = rendered([own, gateway([UDP], {}, "media/other"), dataplane({ offloadEngine: "TC" }, "edge")]);
    expect(configOf(result)?.admin.offload_engine).toBe("TC");
    expect(configOf(result, "media/other")?.admin.offload_engine).toBe("None");
  });

  it.each([
    [
      "another group",
      { group: "example.com", kind: "Dataplane", name: "edge" },
      'Dataplane of group "example.com" is not known; accepted: Dataplane of group stunner.l7mp.io',
    ],
    [
      "another kind",
      { group: "stunner.l7mp.io", kind: "ConfigMap", name: "edge" },
      'ConfigMap of group "stunner.l7mp.io" is not known; accepted: Dataplane of group stunner.l7mp.io',
    ],
    ["one that is missing", { group: "stunner.l7mp.io", kind: "Dataplane", name: "none" }, "Dataplane none does not exist"],
  ])("fails this Gateway alone for %s", (_, ref, message) => {
    const result = rendered([withRef(ref), gateway([UDP], {}, "media/other"), dataplane({}, "edge"), route()]);
    expect(gatewayConditions(result)).toEqual(["Accepted=False/InvalidParameters", "Programmed=False/Invalid"]);
    expect(gatewayConditions(result, "media/other")[0]).toBe("Accepted=True/Accepted");
    expect(classConditions(result)).toEqual(["Accepted=True/Accepted"]);
    expect([...result.configs.keys()]).toEqual(["media/other"]);
    expect(result.problems).toEqual([
      { severity: "error", object: "Gateway media/gw", field: "spec.infrastructure.parametersRef", reason: "InvalidParameters", message },
    ]);
    expect(parentLines(result)).toEqual(["gw Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"]);
  });

  it("is not looked at in legacy mode", () => {
    const result = rendered([withRef({ group: "example.com", kind: "X", name: "x" })], { mode: "legacy" });
    expect(gatewayConditions(result)[0]).toBe("Accepted=True/Accepted");
  });
});

describe("the status of a class", () => {
  it("keeps what others wrote", () => {
    const theirs = { type: "Theirs", status: "True", reason: "X", message: "", lastTransitionTime: "2024-01-01T00:00:00Z" };
    const live = {
      conditions: [{ type: "Accepted", status: "Unknown", reason: "Pending", message: "" }, theirs],
      supportedFeatures: [{ name: "X" }],
    };
    const status = statusOf(rendered([gatewayClass({}, "turn", {}, live)]), "GatewayClass", "turn");
    expect(status).toEqual({
      conditions: [
        {
          type: "Accepted",
          status: "True",
          reason: "Accepted",
          message: "class is managed by controller stunner.l7mp.io/gateway-operator",
          observedGeneration: 7,
        },
        theirs,
      ],
      supportedFeatures: [{ name: "X" }],
    });
  });

  it("has kind and version of the class and no namespace", () => {
    expect(rendered([]).statuses).toMatchObject([{ apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", name: "turn" }]);
    expect(rendered([]).statuses[0]).not.toHaveProperty("namespace");
  });
});
