import { describe, expect, it } from "vitest";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import { gateway, gatewayClass, ownedService, rendered, route, service, UDP, workload } from "./render/builders.ts";
import { deletionKeys, gatewayConditions, parentLines, parentsOf, statusOf } from "./render/reading.ts";

const OURS = "stunner.l7mp.io/gateway-operator";
const written = (type: string, manager = "stunner-serverless") => ({
  manager,
  fieldsV1: { "f:status": { "f:conditions": { [`k:${JSON.stringify({ type })}`]: {} } } },
});
const condition = (type: string, status = "True") => ({
  type,
  status,
  reason: type,
  message: "as it was",
  lastTransitionTime: "2026-01-01T00:00:00Z",
});
const foreignClass = gatewayClass({ controllerName: "other.example/gateway" }, "foreign");
const marked = (className: string, managers: readonly object[]) =>
  gateway(
    [UDP],
    { gatewayClassName: className },
    "media/gw",
    { managedFields: managers },
    { conditions: [condition("Accepted"), condition("Programmed")] },
  );
const dataplaneObjects = [ownedService(), workload("Deployment")];
const DATAPLANE = ["Deployment/media/gw", "Service/media/gw"];
const entry = (controllerName: string, name = "gw") => ({
  parentRef: { group: "gateway.networking.k8s.io", kind: "Gateway", name },
  controllerName,
  conditions: [condition("Accepted"), condition("ResolvedRefs")],
});
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

describe("I7, I8: entries in a route's parents", () => {
  it("I7: those of other controllers stay byte for byte, and foreign parents get none", () => {
    const theirs = entry("other.example/gateway", "web");
    const objects = [gateway(), foreignClass, gateway([UDP], { gatewayClassName: "foreign" }, "media/web")];
    const result = rendered([
      ...objects,
      route([], { parentRefs: [{ name: "web" }, { name: "gw" }] }, "media/route", {}, { parents: [theirs] }),
    ]);
    expect(JSON.stringify(parentsOf(result)?.[0])).toBe(JSON.stringify(theirs));
    expect(
      parentsOf(result)
        ?.slice(1)
        .map(({ parentRef, controllerName }) => [parentRef["name"], controllerName]),
    ).toEqual([["gw", OURS]]);
  });

  it("I7: a Gateway that does not exist gets NoMatchingParent beside a parent of ours, and nothing alone", () => {
    const beside = rendered([gateway(), route([], { parentRefs: [{ name: "gw" }, { name: "gone" }] })]);
    expect(parentLines(beside)[1]).toContain("gone Accepted=False/NoMatchingParent");
    expect(parentsOf(rendered([gateway(), route([], { parentRefs: [{ name: "gone" }] })]))).toBeUndefined();
  });

  it("I8: a route that loses its last parent of ours loses our entries", () => {
    const result = rendered([
      gateway(),
      route([], { parentRefs: [{ name: "gone" }] }, "media/route", {}, { parents: [entry(OURS), entry("other.example/gateway")] }),
    ]);
    expect(parentsOf(result)?.map((one) => one.controllerName)).toEqual(["other.example/gateway"]);
  });
});

describe("I9: Gateways that are let go", () => {
  const routeOfOurs = route([], {}, "media/route", {}, { parents: [entry(OURS)] });

  it("at once when another controller's class took over, with our conditions and entries", () => {
    const result = rendered([
      foreignClass,
      marked("foreign", [written("Accepted"), written("Programmed")]),
      ...dataplaneObjects,
      routeOfOurs,
    ]);
    expect([deletionKeys(result), result.orphans, [...result.held.configs]]).toEqual([DATAPLANE, [], []]);
    expect([statusOf(result, "Gateway", "media/gw")?.conditions, parentsOf(result)]).toEqual([[], []]);
  });

  it("a condition that the new controller wrote last is its own", () => {
    const result = rendered([foreignClass, marked("foreign", [written("Accepted", "other"), written("Programmed")])]);
    expect(gatewayConditions(result)).toEqual(["Accepted=True/Accepted"]);
  });

  it("without our mark nothing is touched: another installation may own it", () => {
    const result = rendered([foreignClass, marked("foreign", [written("Accepted", "other")]), ...dataplaneObjects]);
    expect([deletionKeys(result), result.orphans, statusOf(result, "Gateway", "media/gw")]).toEqual([[], [], undefined]);
  });

  it("hold: with its class absent it is an orphan, and everything of it stays until it is released", () => {
    const objects = [marked("absent", [written("Accepted")]), ...dataplaneObjects, routeOfOurs];
    const waiting = rendered(objects, { published: published() });
    expect([waiting.orphans, deletionKeys(waiting), [...waiting.held.configs]]).toEqual([["media/gw"], [], ["media/gw"]]);
    expect([...waiting.held.objects]).toEqual(expect.arrayContaining(DATAPLANE));
    expect(statusOf(waiting, "Gateway", "media/gw")).toBeUndefined();
    expect(parentsOf(waiting)?.map((one) => one.controllerName) ?? [OURS]).toEqual([OURS]);
    const released = rendered(objects, { published: published(), released: new Set(["media/gw"]) });
    expect([released.orphans, deletionKeys(released), [...released.held.configs]]).toEqual([[], DATAPLANE, []]);
  });

  it("teardown: at once", () => {
    const result = rendered([marked("absent", [written("Accepted")]), ...dataplaneObjects], { onInvalid: "teardown" });
    expect([result.orphans, deletionKeys(result)]).toEqual([[], DATAPLANE]);
  });

  it("I32: what only has the Gateway's name is nobody's to delete", () => {
    const result = rendered([marked("absent", [written("Accepted")]), service("media/gw"), workload("Deployment", "media/gw", {})], {
      onInvalid: "teardown",
    });
    expect(deletionKeys(result)).toEqual([]);
  });
});
