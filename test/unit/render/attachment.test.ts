import { describe, expect, it } from "vitest";
import { gateway, listener, namespace, officialRoute, rendered, route, type Fields } from "./builders.ts";
import {
  attachedRoutes,
  clusterLines,
  gatewayConditions,
  LISTENER_OK,
  listenerConditions,
  listenersOf,
  listenerStatusOf,
  parentLines,
} from "./reading.ts";

const OFFICIAL = "gateway.networking.k8s.io";
const NATIVE = "stunner.l7mp.io";
const allowing = (allowedRoutes: Fields, ...more: Fields[]) => gateway([listener("udp", 3478, "UDP", { allowedRoutes }), ...more]);
const from = (which: string, selector?: Fields) => ({ namespaces: { from: which, ...(selector ? { selector } : {}) } });
const there = { parentRefs: [{ namespace: "media", name: "gw" }] };
const farRoute = route([], there, "far/route");

// spec/rendering.md 5.4; edge cases 54 to 56.
describe("allowedRoutes.namespaces", () => {
  it.each([
    ["nothing", undefined],
    ["an empty object", {}],
    ["no from", { namespaces: {} }],
    ["Same", from("Same")],
    ["an unknown word", from("None")],
  ])("%s admits the Gateway's own namespace", (_, allowedRoutes) => {
    const result = rendered([gateway([listener("udp", 3478, "UDP", allowedRoutes ? { allowedRoutes } : {})]), route(), farRoute]);
    expect(listenersOf(result)[0]?.routes).toEqual(["media/route"]);
    expect(clusterLines(result)).toEqual(["media/route STATIC"]);
    expect(parentLines(result, "far/route")).toEqual(["media/gw Accepted=False/NotAllowedByListeners ResolvedRefs=True/ResolvedRefs"]);
    expect(result.problems).toEqual([
      {
        severity: "error",
        object: "UDPRoute far/route",
        field: "spec.parentRefs[0]",
        reason: "NotAllowedByListeners",
        message: "allowedRoutes of Gateway media/gw admits no UDPRoute of namespace far and this group",
      },
    ]);
  });

  it("All admits every namespace", () => {
    const result = rendered([allowing(from("All")), route(), farRoute]);
    expect(listenersOf(result)[0]?.routes).toEqual(["far/route", "media/route"]);
    expect(parentLines(result, "far/route")).toEqual(["media/gw Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"]);
    expect(attachedRoutes(result)).toEqual(["udp=2"]);
  });

  it.each([
    ["labels that match", { matchLabels: { team: "voice" } }, [namespace("far", { team: "voice" })], ["far/route"]],
    ["labels that do not match", { matchLabels: { team: "voice" } }, [namespace("far", { team: "chat" })], undefined],
    [
      "an expression that matches",
      { matchExpressions: [{ key: "team", operator: "Exists" }] },
      [namespace("far", { team: "x" })],
      ["far/route"],
    ],
    ["an empty selector", {}, [namespace("far")], ["far/route"]],
    ["an empty selector and a namespace without labels", {}, [{ ...namespace("far"), metadata: { name: "far" } }], ["far/route"]],
    ["an unknown namespace", {}, [], undefined],
    ["no selector", undefined, [namespace("far", { team: "voice" })], undefined],
    ["a malformed selector", { matchExpressions: [{ key: "team", operator: "Like" }] }, [namespace("far", { team: "x" })], undefined],
    [
      "the Gateway's own namespace, which gets no special treatment",
      { matchLabels: { team: "voice" } },
      [namespace("media"), namespace("far", { team: "voice" })],
      ["far/route"],
    ],
  ])("Selector with %s", (_, selector, namespaces, wanted) => {
    const result = rendered([allowing(from("Selector", selector)), ...(wanted?.length === 1 ? [route()] : []), farRoute, ...namespaces]);
    expect(listenersOf(result)[0]?.routes).toEqual(wanted);
  });
});

// improvements I39.
describe("allowedRoutes.kinds", () => {
  const both = [
    { group: OFFICIAL, kind: "UDPRoute" },
    { group: NATIVE, kind: "UDPRoute" },
  ];
  const routes = [route([], {}, "media/native"), officialRoute([], {}, "media/official")];

  it.each([
    ["none listed", [], both, ["media/native", "media/official"]],
    ["the native kind", [{ group: NATIVE, kind: "UDPRoute" }], [both[1]], ["media/native"]],
    ["the official kind", [{ group: OFFICIAL, kind: "UDPRoute" }], [both[0]], ["media/official"]],
    ["the official kind by default", [{ kind: "UDPRoute" }], [both[0]], ["media/official"]],
    ["both, in the order of the supported ones", [both[1] ?? {}, both[0] ?? {}], both, ["media/native", "media/official"]],
  ])("%s", (_, kinds, supported, attached) => {
    const result = rendered([allowing({ kinds }), ...routes]);
    expect(listenerStatusOf(result, "udp").supportedKinds).toEqual(supported);
    expect(listenersOf(result)[0]?.routes).toEqual(attached);
    expect(attachedRoutes(result)).toEqual([`udp=${attached.length}`]);
    expect(listenerConditions(result, "udp")).toEqual(LISTENER_OK);
  });

  it("of both groups stand together in the order of names", () => {
    const result = rendered([gateway(), route([], {}, "media/z"), officialRoute([], {}, "media/a")]);
    expect(listenersOf(result)[0]?.routes).toEqual(["media/a", "media/z"]);
    expect(clusterLines(result)).toEqual(["media/a STATIC", "media/z STATIC"]);
  });

  it("tells of a kind that is not supported, the others count", () => {
    const kinds = [{ group: OFFICIAL, kind: "TCPRoute" }, { group: NATIVE, kind: "UDPRoute" }, { group: "example.com", kind: "UDPRoute" }];
    const result = rendered([allowing({ kinds }), ...routes]);
    expect(listenersOf(result)[0]?.routes).toEqual(["media/native"]);
    expect(listenerStatusOf(result, "udp").supportedKinds).toEqual([both[1]]);
    expect(listenerConditions(result, "udp")).toEqual([
      "Accepted=True/Accepted",
      "Conflicted=False/NoConflicts",
      "ResolvedRefs=False/InvalidRouteKinds",
      "Programmed=True/Programmed",
    ]);
    const messages = [
      `kind TCPRoute of group "${OFFICIAL}" cannot attach; accepted: UDPRoute`,
      'kind UDPRoute of group "example.com" cannot attach; accepted: UDPRoute',
    ];
    expect(listenerStatusOf(result, "udp").conditions[2]?.message).toBe(messages[0]);
    expect(result.problems.filter((one) => one.reason === "InvalidRouteKinds").map((one) => [one.field, one.message])).toEqual(
      messages.map((message) => ["spec.listeners[0].allowedRoutes.kinds", message]),
    );
    expect(gatewayConditions(result)[0]).toBe("Accepted=True/ListenersNotValid");
    expect(parentLines(result, "media/official", OFFICIAL)).toEqual([
      "gw Accepted=False/NotAllowedByListeners ResolvedRefs=True/ResolvedRefs",
    ]);
  });

  it("with no supported one lets nothing attach", () => {
    const result = rendered([allowing({ kinds: [{ kind: "TCPRoute" }] }), ...routes]);
    expect(listenerStatusOf(result, "udp").supportedKinds).toEqual([]);
    expect(listenersOf(result)[0]).not.toHaveProperty("routes");
    expect(clusterLines(result)).toEqual([]);
  });
});

// spec/rendering.md 6.3; improvements I3, I43.
describe("a parentRef", () => {
  const two = gateway([listener("a", 1, "UDP"), listener("b", 2, "UDP")]);
  const attached = (...parentRefs: Fields[]) => {
    const result = rendered([two, route([], { parentRefs })]);
    return attachedRoutes(result);
  };

  it.each([
    ["by name alone", [{ name: "gw" }], ["a=1", "b=1"]],
    ["with namespace, group and kind", [{ name: "gw", namespace: "media", group: OFFICIAL, kind: "Gateway" }], ["a=1", "b=1"]],
    ["with the name of a listener", [{ name: "gw", sectionName: "b" }], ["a=0", "b=1"]],
    ["with the port of a listener", [{ name: "gw", port: 1 }], ["a=1", "b=0"]],
    ["with name and port of a listener", [{ name: "gw", sectionName: "b", port: 2 }], ["a=0", "b=1"]],
    ["with the name of one and the port of another", [{ name: "gw", sectionName: "a", port: 2 }], ["a=0", "b=0"]],
    ["overlapping another", [{ name: "gw" }, { name: "gw", sectionName: "a" }], ["a=1", "b=1"]],
    ["said twice", [{ name: "gw" }, { name: "gw", namespace: "media" }], ["a=1", "b=1"]],
    ["for each listener", [{ name: "gw", sectionName: "b" }, { name: "gw", sectionName: "a" }], ["a=1", "b=1"]],
    ["of another kind", [{ name: "gw", kind: "Service" }], ["a=0", "b=0"]],
    ["of another group", [{ name: "gw", group: "example.com" }], ["a=0", "b=0"]],
    ["of the core group", [{ name: "gw", group: "" }], ["a=0", "b=0"]],
    ["in another namespace", [{ name: "gw", namespace: "other" }], ["a=0", "b=0"]],
  ])("%s", (_, refs, wanted) => {
    expect(attached(...refs)).toEqual(wanted);
  });

  it("lists a route once in each listener (edge case 51)", () => {
    const result = rendered([two, route([], { parentRefs: [{ name: "gw" }, { name: "gw", sectionName: "a" }] })]);
    expect(listenersOf(result).map((one) => one.routes)).toEqual([["media/route"], ["media/route"]]);
    expect(clusterLines(result)).toEqual(["media/route STATIC"]);
    expect(parentLines(result)).toEqual([
      "gw Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs",
      "gw#a Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs",
    ]);
  });

  it("may point at a listener that is not rendered (edge case 63)", () => {
    const result = rendered([
      gateway([listener("web", 80, "HTTP"), listener("udp", 1, "UDP")]),
      route([], { parentRefs: [{ name: "gw", sectionName: "web" }] }),
    ]);
    expect(clusterLines(result)).toEqual(["media/route STATIC"]);
    expect(listenersOf(result)[0]).not.toHaveProperty("routes");
    expect(parentLines(result)).toEqual(["gw#web Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"]);
  });
});
