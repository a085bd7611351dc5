import { describe, expect, it } from "vitest";
import type { RenderOptions } from "../../../shared/render/result.ts";
import { configMap, gateway, gatewayClass, gatewayConfig, PARAMETERS_REF, rendered, type Fields } from "./builders.ts";
import { classConditions, deletionKeys, gatewayConditions, objectOf, statusOf } from "./reading.ts";

const legacy = { mode: "legacy" as const };
const MAP = "stunner-system/stunnerd-config";
const teardown: Partial<RenderOptions> = { ...legacy, onInvalid: "teardown" };
const CLASS_OWNER = { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", name: "turn", uid: "uid-of-turn" };
const CONFIG_OWNER = { apiVersion: "stunner.l7mp.io/v1", kind: "GatewayConfig", name: "conf", uid: "uid-of-conf" };
const marks = (className = "turn", owner: Fields = CLASS_OWNER) => ({
  labels: { "stunner.l7mp.io/owned-by": "stunner" },
  annotations: { "stunner.l7mp.io/related-gateway-name": `/${className}` },
  ownerReferences: [owner],
});
const live = (key = MAP, meta: Fields = marks(), text = '{"version":"v1"}') => configMap(key, text, meta);
const textOf = (result: ReturnType<typeof rendered>, key = MAP) => {
  const data = objectOf(result, "ConfigMap", key)?.["data"] as Record<string, string> | undefined;
  return data?.["stunnerd.conf"];
};

const noConfig = gatewayClass({ parametersRef: { ...PARAMETERS_REF, name: "none" } });
const noPassword = gatewayConfig({ userName: "alice" });

// Edge cases 5, 9, 10; improvements I11.
describe("a legacy class that is invalid", () => {
  it.each([
    ["without its GatewayConfig", noConfig],
    ["malformed", gatewayClass({ parametersRef: undefined })],
    ["with bad credentials", noPassword],
  ])("says so and keeps its ConfigMap under hold: %s", (_, object) => {
    const result = rendered([object, gateway(), live()], legacy);
    expect(classConditions(result)).toEqual(["Accepted=False/InvalidParameters"]);
    expect(gatewayConditions(result)).toEqual(["Accepted=False/Pending", "Programmed=False/Invalid"]);
    expect(objectOf(result, "ConfigMap", MAP)).toBeUndefined();
    expect(result.held.objects).toContain(`ConfigMap/${MAP}`);
    expect(result.deletions).toEqual([]);
  });

  it("is a problem even without Gateways", () => {
    expect(rendered([noPassword], legacy).problems.map((one) => one.reason)).toEqual(["MissingCredential"]);
    expect(rendered([noConfig], legacy).problems.map((one) => one.reason)).toEqual(["InvalidParameters"]);
  });

  it("empties the ConfigMap under teardown", () => {
    const result = rendered([noPassword, gateway()], teardown);
    expect(textOf(result)).toBe("");
    expect(objectOf(result, "ConfigMap", MAP)?.metadata.ownerReferences).toEqual([CONFIG_OWNER]);
    expect(classConditions(result)).toEqual(["Accepted=False/InvalidParameters"]);
  });

  it("empties the live one where its GatewayConfig is gone, and makes none where there is none", () => {
    const result = rendered([noConfig, live("elsewhere/stunnerd-config")], teardown);
    expect(textOf(result, "elsewhere/stunnerd-config")).toBe("");
    expect(objectOf(result, "ConfigMap", "elsewhere/stunnerd-config")?.metadata.ownerReferences).toEqual([CLASS_OWNER]);
    expect(rendered([noConfig], teardown).objects).toEqual([]);
  });

  it("empties both where it moved to another namespace", () => {
    const result = rendered([noPassword, live("elsewhere/stunnerd-config")], teardown);
    expect([textOf(result), textOf(result, "elsewhere/stunnerd-config")]).toEqual(["", ""]);
  });

  it.each([
    ["of another name", live("stunner-system/other")],
    ["of another class", live("elsewhere/stunnerd-config", marks("other"))],
    ["without our label", live(MAP, { ...marks(), labels: {} })],
    ["without any label", live(MAP, { ...marks(), labels: undefined })],
    ["without our annotation", live(MAP, { ...marks(), annotations: {} })],
    ["without any annotation", live(MAP, { ...marks(), annotations: undefined })],
    ["of a Gateway", live(MAP, { ...marks(), annotations: { "stunner.l7mp.io/related-gateway-name": "media/turn" } })],
    ["of a class by its name alone", live(MAP, { ...marks(), annotations: { "stunner.l7mp.io/related-gateway-name": "xturn" } })],
    ["without owner", live(MAP, { ...marks(), ownerReferences: undefined })],
    ["with another owner", live(MAP, { ...marks(), ownerReferences: [{ ...CLASS_OWNER, kind: "Deployment" }] })],
  ])("does not hold a ConfigMap %s", (_, object) => {
    expect([...rendered([noConfig, object], legacy).held.objects].filter((one) => one.startsWith("ConfigMap"))).toEqual([]);
    expect(rendered([noConfig, object], teardown).objects).toEqual([]);
  });

  it("holds a ConfigMap that its GatewayConfig owns, as upstream wrote it", () => {
    expect(rendered([noConfig, live(MAP, marks("turn", CONFIG_OWNER))], legacy).held.objects).toContain(`ConfigMap/${MAP}`);
  });
});

const class2 = (name: string, created?: string, spec: Fields = {}) => gatewayClass(
  spec,
  name,
  created ? { creationTimestamp: created } : {},
);
const TURN_AT_NOON = class2("turn", "2024-01-01T12:00:00Z");
const owner = (...classes: ReturnType<typeof class2>[]) => {
  const result = rendered([gateway(), gateway(undefined, { gatewayClassName: "b" }, "b/gw"), ...classes], legacy);
  return objectOf(result, "ConfigMap", MAP)?.metadata.annotations?.["stunner.l7mp.io/related-gateway-name"];
};

// improvements I13.
describe("two legacy classes with one namespace", () => {
  it.each([
    ["the older one, first in name", class2("b", "2024-01-01T11:00:00Z"), "/b"],
    ["the older one, last in name", class2("z", "2024-01-01T11:00:00Z"), "/z"],
    ["the older one, which is not the newcomer", class2("b", "2024-01-01T13:00:00Z"), "/turn"],
    ["the first by name of the same age", class2("b", "2024-01-01T12:00:00Z"), "/b"],
    ["the first by name of the same age, told last", class2("z", "2024-01-01T12:00:00Z"), "/turn"],
    ["one without a date, which counts as old", class2("z"), "/z"],
    ["one without a date, first in name", class2("b"), "/b"],
  ])("are the ConfigMap's owner and a loser: %s", (_, other, wanted) => {
    expect(owner(TURN_AT_NOON, other)).toBe(wanted);
    expect(owner(other, TURN_AT_NOON)).toBe(wanted);
  });

  it("the loser is Accepted=False, names the winner, and its Gateways are told", () => {
    const older = class2("b", "2024-01-01T11:00:00Z");
    const result = rendered([TURN_AT_NOON, older, gateway(), gateway(undefined, { gatewayClassName: "b" }, "b/gw")], legacy);
    const message = "ConfigMap stunner-system/stunnerd-config belongs to the older class b; use a GatewayConfig in another namespace";
    expect(statusOf(result, "GatewayClass", "turn")?.conditions).toMatchObject([
      { status: "False", reason: "InvalidParameters", message: `GatewayClass turn: ${message}` },
    ]);
    expect(result.problems).toEqual([
      { severity: "error", object: "GatewayClass turn", field: "spec.parametersRef.namespace", reason: "InvalidParameters", message },
    ]);
    expect(classConditions(result, "b")).toEqual(["Accepted=True/Accepted"]);
    expect(gatewayConditions(result)).toEqual(["Accepted=False/Pending", "Programmed=False/Invalid"]);
    expect(textOf(result)).toContain("b/gw/udp");
    expect(textOf(result)).not.toContain("media/gw");
  });

  it("a class without its GatewayConfig owns nothing", () => {
    expect(owner(TURN_AT_NOON, class2("b", "2024-01-01T11:00:00Z", { parametersRef: { ...PARAMETERS_REF, name: "none" } }))).toBe("/turn");
  });

  it.each(["b", "z"])("a loser does not take the winner's ConfigMap with it (%s)", (name) => {
    const older = class2(name, "2024-01-01T11:00:00Z");
    for (const changes of [legacy, teardown]) {
      const result = rendered([TURN_AT_NOON, older, live()], changes);
      expect(textOf(result)).toContain('"version":"v1"');
      expect(result.held.objects).not.toContain(`ConfigMap/${MAP}`);
      expect(result.deletions).toEqual([]);
      expect(objectOf(result, "ConfigMap", MAP)?.metadata.annotations).toEqual({ "stunner.l7mp.io/related-gateway-name": `/${name}` });
    }
  });

  it.each(["b", "z"])("an invalid winner empties its ConfigMap itself under teardown (%s)", (name) => {
    const older = class2(name, "2024-01-01T11:00:00Z");
    const result = rendered([TURN_AT_NOON, older, noPassword, live()], teardown);
    expect(textOf(result)).toBe("");
    expect(objectOf(result, "ConfigMap", MAP)?.metadata).toMatchObject({
      annotations: { "stunner.l7mp.io/related-gateway-name": `/${name}` },
      ownerReferences: [CONFIG_OWNER],
    });
  });
});

// improvements I9 for legacy ConfigMaps.
describe("a legacy ConfigMap", () => {
  it("of a class that writes elsewhere now goes", () => {
    expect(deletionKeys(rendered([live("old/stunnerd-config"), live()], legacy))).toEqual(["ConfigMap/old/stunnerd-config"]);
    expect(deletionKeys(rendered([live("old/stunnerd-config")], { mode: "managed" }))).toEqual([]);
  });

  it("of a class that is another controller's by now stays", () => {
    const foreign = gatewayClass({ controllerName: "example.com/x" }, "foreign");
    const result = rendered([foreign, live("old/stunnerd-config", marks("foreign"))], legacy);
    expect(result.deletions).toEqual([]);
    expect(result.orphans).toEqual([]);
  });

  it("of a class that is gone is an orphan until it is released", () => {
    const objects = [live("old/stunnerd-config", marks("gone"))];
    expect(rendered(objects, legacy).orphans).toEqual(["/gone"]);
    expect(rendered(objects, legacy).deletions).toEqual([]);
    for (const changes of [{ released: new Set(["/gone"]) }, { onInvalid: "teardown" as const }]) {
      const result = rendered(objects, { ...legacy, ...changes });
      expect(result.orphans).toEqual([]);
      expect(deletionKeys(result)).toEqual(["ConfigMap/old/stunnerd-config"]);
    }
    expect(rendered(objects, { mode: "managed" }).orphans).toEqual([]);
    expect(rendered(objects, { ...legacy, released: new Set(["gone"]) }).orphans).toEqual(["/gone"]);
  });

  it("that is not ours is left alone", () => {
    expect(rendered([live("old/stunnerd-config", { ...marks("gone"), ownerReferences: [] })], teardown).deletions).toEqual([]);
  });
});
