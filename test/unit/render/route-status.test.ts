import { describe, expect, it } from "vitest";
import { gateway, gatewayClass, listener, officialRoute, rendered, route, type Fields } from "./builders.ts";
import { clusterLines, listenersOf, parentLines, parentsOf, problemLines, statusOf } from "./reading.ts";

const OURS = "stunner.l7mp.io/gateway-operator";
const THEIRS = "example.com/other";
const OFFICIAL = "gateway.networking.k8s.io";
const GATEWAY_REF = { group: OFFICIAL, kind: "Gateway" };
const OK = "Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs";
const foreignClass = gatewayClass({ controllerName: THEIRS }, "foreign");
const foreignGateway = gateway(undefined, { gatewayClassName: "foreign" }, "media/theirs");
const entry = (parentRef: Fields, controllerName = OURS, more: Fields = {}) => ({
  parentRef,
  controllerName,
  conditions: [{ type: "Accepted", status: "True", reason: "Old", message: "old", lastTransitionTime: "2024-01-01T00:00:00Z" }],
  ...more,
});
const withStatus = (parentRefs: Fields[], parents: Fields[]) => route([], { parentRefs }, "media/route", {}, { parents });

// spec/rendering.md 6.6.
describe("status of a route", () => {
  it("has one entry per parent, with both conditions and the route's generation", () => {
    expect(rendered([gateway(), route()]).statuses.at(-1)).toEqual({
      apiVersion: "stunner.l7mp.io/v1",
      kind: "UDPRoute",
      namespace: "media",
      name: "route",
      status: {
        parents: [
          {
            parentRef: { ...GATEWAY_REF, name: "gw" },
            controllerName: OURS,
            conditions: [
              { type: "Accepted", status: "True", reason: "Accepted", message: "accepted by Gateway media/gw", observedGeneration: 7 },
              { type: "ResolvedRefs", status: "True", reason: "ResolvedRefs", message: "all references resolved", observedGeneration: 7 },
            ],
          },
        ],
      },
    });
  });

  it("repeats the parentRef with its defaults filled in", () => {
    const refs = [
      { name: "gw", namespace: "media", sectionName: "udp", port: 3478, group: OFFICIAL, kind: "Gateway" },
      { name: "gw", sectionName: "udp" },
    ];
    expect(parentsOf(rendered([gateway(), route([], { parentRefs: refs })]))?.map((one) => one.parentRef)).toEqual([
      refs[0],
      { ...GATEWAY_REF, name: "gw", sectionName: "udp" },
    ]);
  });

  it("keeps other fields of the status", () => {
    const live = route([], {}, "media/route", {}, { parents: [], extra: 1 });
    expect(statusOf(rendered([gateway(), live]), "UDPRoute", "media/route")).toHaveProperty("extra", 1);
  });

  // Edge cases 52, 53; improvements I43.
  it.each([
    ["the Gateway", { name: "gw" }, `gw ${OK}`, undefined],
    [
      "a listener that is not there",
      { name: "gw", sectionName: "x" },
      "gw#x Accepted=False/NoMatchingParent ResolvedRefs=True/ResolvedRefs",
      "Gateway media/gw has no listener of that sectionName and port; it has: udp (port 3478), two (port 2)",
    ],
    [
      "a port that no listener has",
      { name: "gw", port: 9 },
      "gw:9 Accepted=False/NoMatchingParent ResolvedRefs=True/ResolvedRefs",
      "Gateway media/gw has no listener of that sectionName and port; it has: udp (port 3478), two (port 2)",
    ],
    [
      "a Gateway that is not there",
      { name: "none" },
      "none Accepted=False/NoMatchingParent ResolvedRefs=True/ResolvedRefs",
      "Gateway media/none does not exist",
    ],
  ])("for %s", (_, ref, line, message) => {
    const gw = gateway([listener("udp", 3478, "UDP"), listener("two", 2, "UDP")]);
    const result = rendered([gw, route([], { parentRefs: [{ name: "gw", sectionName: "two" }, ref] })]);
    expect(parentLines(result)).toEqual([`gw#two ${OK}`, line]);
    expect(clusterLines(result)).toEqual(["media/route STATIC"]);
    const problem = { severity: "error", object: "UDPRoute media/route", field: "spec.parentRefs[1]", reason: "NoMatchingParent", message };
    expect(result.problems).toEqual(message ? [problem] : []);
    expect(parentsOf(result)?.[1]?.conditions[0]?.message).toBe(message ?? "accepted by Gateway media/gw");
  });

  it("a Gateway without listeners rejects (edge case 21)", () => {
    const result = rendered([gateway([]), route()]);
    expect(parentLines(result)).toEqual(["gw Accepted=False/NotAllowedByListeners ResolvedRefs=True/ResolvedRefs"]);
    expect(clusterLines(result)).toEqual([]);
  });

  it("is untouched where no parent is ours (edge case 60)", () => {
    const objects = [gateway(), foreignClass, foreignGateway];
    const strangers = [{ name: "theirs" }, { name: "none" }, { name: "gw", kind: "Service" }, { name: "gw", group: "example.com" }];
    const result = rendered([...objects, withStatus(strangers, [entry({ name: "theirs" }, THEIRS)])]);
    expect(parentsOf(result)).toBeUndefined();
    expect(parentsOf(rendered([...objects, route([], { parentRefs: undefined })]))).toBeUndefined();
    expect(result.problems).toEqual([]);
  });

  it("has at most 32 entries, as the API allows", () => {
    const parents = Array.from({ length: 32 }, (_, index) => entry({ name: `g${index}` }, THEIRS));
    const found = parentsOf(rendered([gateway(), withStatus([{ name: "gw" }], parents)]));
    expect(found).toHaveLength(32);
    expect(found).toEqual(parents);
  });
});

// improvements I7, I8.
describe("entries of a route's status", () => {
  it("of other controllers stay byte for byte, in their place", () => {
    const theirs = [entry({ name: "gw" }, THEIRS, { extra: true }), entry({ ...GATEWAY_REF, name: "theirs" }, THEIRS)];
    const live = withStatus(
      [{ name: "gw" }, { name: "theirs" }],
      [theirs[0] ?? {}, entry({ ...GATEWAY_REF, name: "gw" }), theirs[1] ?? {}],
    );
    const found = parentsOf(rendered([gateway(), foreignClass, foreignGateway, live]));
    expect(found?.[0]).toEqual(theirs[0]);
    expect(found?.[1]).toMatchObject({ controllerName: OURS, conditions: [{ reason: "Accepted" }, { reason: "ResolvedRefs" }] });
    expect(found?.[2]).toEqual(theirs[1]);
    expect(found).toHaveLength(3);
  });

  it("are not written for parents of other controllers, nor for what is no Gateway", () => {
    const refs = [{ name: "theirs" }, { name: "gw", kind: "Service" }, { name: "gw", group: "example.com" }, { name: "gw" }];
    expect(parentLines(rendered([gateway(), foreignClass, foreignGateway, route([], { parentRefs: refs })]))).toEqual([`gw ${OK}`]);
  });

  it("of ours take the place of the old one, whatever defaults it spells out", () => {
    for (const old of [{ name: "gw" }, { ...GATEWAY_REF, name: "gw", namespace: "media" }]) {
      const live = withStatus([{ name: "gw" }], [entry(old), entry({ name: "x" }, THEIRS)]);
      expect(parentLines(rendered([gateway(), live]))).toEqual([`gw ${OK}`, "x Accepted=True/Old"]);
    }
  });

  it("of ours go where the parent is not ours any more, or is not named any more", () => {
    const old = [
      entry({ ...GATEWAY_REF, name: "gone" }),
      entry({ ...GATEWAY_REF, name: "gw", sectionName: "old" }),
      entry({ name: "theirs" }),
      entry({ name: "gw" }),
    ];
    const live = withStatus([{ name: "theirs" }, { name: "gw" }], old);
    expect(parentLines(rendered([gateway(), foreignClass, foreignGateway, live]))).toEqual([`gw ${OK}`]);
  });

  it("of ours are removed from a route that has no parent of ours left (I8)", () => {
    const live = withStatus([{ name: "gone" }], [entry({ name: "gone" }), entry({ name: "x" }, THEIRS)]);
    expect(parentsOf(rendered([live]))).toEqual([entry({ name: "x" }, THEIRS)]);
    expect(parentsOf(rendered([withStatus([], [entry({ name: "gone" })])]))).toEqual([]);
  });

  it("of ours stand once where they stood twice", () => {
    const live = withStatus([{ name: "gw" }], [entry({ name: "gw" }), entry({ ...GATEWAY_REF, name: "gw" })]);
    expect(parentLines(rendered([gateway(), live]))).toEqual([`gw ${OK}`]);
  });

  it("are told apart by section and port", () => {
    const gw = gateway([listener("a", 1, "UDP"), listener("b", 2, "UDP")]);
    const refs = [{ name: "gw", sectionName: "a" }, { name: "gw", sectionName: "b" }, { name: "gw", port: 2 }, { name: "gw", port: 1 }];
    const live = withStatus(refs, [entry({ name: "gw", port: 2 }), entry({ name: "gw", sectionName: "b" })]);
    expect(parentLines(rendered([gw, live]))).toEqual([`gw:2 ${OK}`, `gw#b ${OK}`, `gw#a ${OK}`, `gw:1 ${OK}`]);
  });

  it("are one for a parent that is named twice, and so is the problem", () => {
    const result = rendered([
      gateway(),
      route([], { parentRefs: [{ name: "gw" }, { name: "none" }, { name: "none", namespace: "media" }] }),
    ]);
    expect(parentLines(result)).toHaveLength(2);
    expect(problemLines(result)).toEqual(["error UDPRoute media/route spec.parentRefs[1] NoMatchingParent"]);
  });
});

// spec/rendering.md 6.1; edge case 84; improvements I21.
describe("routes of both groups", () => {
  it.each(["v1alpha2", "v1"])("the official one of version %s counts like a native one", (version) => {
    const result = rendered([gateway(), officialRoute([], {}, "media/o", version)]);
    expect(listenersOf(result)[0]?.routes).toEqual(["media/o"]);
    expect(clusterLines(result)).toEqual(["media/o STATIC"]);
    expect(result.statuses.at(-1)).toMatchObject({ apiVersion: `${OFFICIAL}/${version}`, kind: "UDPRoute", name: "o" });
    expect(parentLines(result, "media/o", OFFICIAL)).toEqual([`gw ${OK}`]);
  });

  it("a native one masks an official one of its name, whatever their specs", () => {
    const refs = [{ name: "gw" }, { name: "none" }];
    const result = rendered([gateway(), route([], { parentRefs: [] }), officialRoute([{ name: "sfu" }], { parentRefs: refs })]);
    expect(listenersOf(result)[0]).not.toHaveProperty("routes");
    expect(clusterLines(result)).toEqual([]);
    expect(parentLines(result, "media/route", OFFICIAL)).toEqual([
      "gw Accepted=False/Pending ResolvedRefs=True/ResolvedRefs",
      "none Accepted=False/Pending ResolvedRefs=True/ResolvedRefs",
    ]);
    expect(
      parentsOf(result, "media/route", OFFICIAL)?.[0]?.conditions[0]?.message,
    ).toBe("masked by the UDPRoute media/route of stunner.l7mp.io");
    expect(parentsOf(result, "media/route", OFFICIAL)?.[0]?.conditions[1]?.message).toBe("all references resolved");
    expect(parentsOf(result, "media/route")).toBeUndefined();
    expect(problemLines(result)).toEqual([]);
  });

  it("one of another name or namespace masks nothing", () => {
    const result = rendered([gateway(), route([], {}, "media/a"), route([], {}, "far/b"), officialRoute([], {}, "media/b")]);
    expect(listenersOf(result)[0]?.routes).toEqual(["media/a", "media/b"]);
  });

  it("native ones are told first, each group ascending", () => {
    const result = rendered([gateway(), officialRoute([], {}, "media/a"), route([], {}, "media/z"), route([], {}, "media/y")]);
    expect(result.statuses.filter((one) => one.kind === "UDPRoute").map((one) => one.name)).toEqual(["y", "z", "a"]);
  });
});

// Edge case 62.
it("a route of two Gateways of which one is gone keeps its entry for it, and its cluster in the other", () => {
  const result = rendered([gateway(), route([], { parentRefs: [{ name: "gw" }, { name: "gone" }] })]);
  expect(parentLines(result)).toEqual([`gw ${OK}`, "gone Accepted=False/NoMatchingParent ResolvedRefs=True/ResolvedRefs"]);
  expect(clusterLines(result)).toEqual(["media/route STATIC"]);
});
