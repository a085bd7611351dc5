import { describe, expect, it } from "vitest";
import type { RenderOptions } from "../../../shared/render/result.ts";
import type { StunnerdConfig } from "../../../shared/resources/stunnerd-config.ts";
import { gateway, gatewayClass, ownedService, ownership, rendered, route, service, UDP, workload, type Fields } from "./builders.ts";
import { deletionKeys, parentLines, parentsOf, statusOf } from "./reading.ts";

const OURS = "stunner.l7mp.io/gateway-operator";
const foreign = gatewayClass({ controllerName: "example.com/x" }, "foreign");
const CONFIG: StunnerdConfig = {
  version: "v1",
  admin: { name: "media/gw", loglevel: "all:INFO", healthcheck_endpoint: "", offload_engine: "None" },
  auth: { type: "static", realm: "r", credentials: {} },
};
const published = new Map([["media/gw", CONFIG]]);
const STATUS = {
  addresses: [{ type: "IPAddress", value: "203.0.113.1" }],
  conditions: [
    { type: "Accepted", status: "True", reason: "Accepted", message: "" },
    { type: "Theirs", status: "True", reason: "X", message: "" },
    { type: "Programmed", status: "True", reason: "Programmed", message: "" },
  ],
  listeners: [{ name: "udp", attachedRoutes: 1, conditions: [] }],
  extra: 1,
};
const wrote = (...types: string[]) => ({
  managedFields: [
    { manager: "other", fieldsV1: {} },
    {
      manager: "stunner-serverless",
      fieldsV1: { "f:status": { "f:conditions": Object.fromEntries(types.map((type) => [`k:{"type":"${type}"}`, {}])) } },
    },
  ],
});
const moved = (
  gatewayClassName: string,
  meta: Fields = {},
  status: Fields = STATUS,
) => gateway([UDP], { gatewayClassName }, "media/gw", meta, status);
const statusAfter = (...types: string[]) => statusOf(
  rendered([foreign, moved("foreign", wrote(...types))], { published }),
  "Gateway",
  "media/gw",
);
const live = [ownedService(), workload("Deployment"), workload("DaemonSet")];
const entry = { parentRef: { group: "gateway.networking.k8s.io", kind: "Gateway", name: "gw" }, controllerName: OURS, conditions: [] };
const attached = route([], {}, "media/route", {}, { parents: [entry] });
const ALL = ["DaemonSet/media/gw", "Deployment/media/gw", "Service/media/gw"];

const after = (...conditions: unknown[]) => statusOf(
  rendered([foreign, moved("foreign", {}, { conditions })], { published }),
  "Gateway",
  "media/gw",
);

const unknown = (type: string) => ({ type, status: "Unknown", reason: "Pending", message: "" });

// improvements I9.
describe("a Gateway that moved to a class of another controller", () => {
  it.each(["hold", "teardown"] as const)("is let go at once under %s, with all that is owned or written", (onInvalid) => {
    const result = rendered([foreign, moved("foreign"), attached, ...live], { published, onInvalid });
    expect(deletionKeys(result)).toEqual(ALL);
    expect(result.held).toEqual({ configs: new Set(), objects: new Set() });
    expect(result.configs.size).toBe(0);
    expect(result.orphans).toEqual([]);
    expect(result.statuses.find((one) => one.kind === "Gateway")).toEqual({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      namespace: "media",
      name: "gw",
      status: { extra: 1, conditions: [{ type: "Theirs", status: "True", reason: "X", message: "" }] },
    });
    expect(parentsOf(result)).toEqual([]);
  });

  it.each([
    ["is published", {}, { published }],
    ["has Accepted of ours in its status", wrote("Accepted"), {}],
    ["has Programmed of ours in its status", wrote("Programmed"), {}],
  ])("is known by what it bears: it %s", (_, meta, changes) => {
    expect(deletionKeys(rendered([foreign, moved("foreign", meta), ...live], changes))).toEqual(ALL);
  });

  it.each([
    ["nothing", {}],
    [
      "conditions that others wrote",
      { managedFields: [{ manager: "x", fieldsV1: { "f:status": { "f:conditions": { 'k:{"type":"Accepted"}': {} } } } }] },
    ],
    ["another condition of ours", wrote("Ready")],
  ])("is left alone where it bears %s, though the label is there: that may be another installation", (_, meta) => {
    const result = rendered([foreign, moved("foreign", meta), ...live]);
    expect(result.deletions).toEqual([]);
    expect(statusOf(result, "Gateway", "media/gw")).toBeUndefined();
  });

  it("loses only the conditions that managedFields call ours", () => {
    expect(statusAfter("Accepted")).toEqual({ ...STATUS, conditions: STATUS.conditions.slice(1) });
    expect(statusAfter("Programmed")).toEqual({ ...STATUS, conditions: STATUS.conditions.slice(0, 2) });
    expect(statusAfter("Accepted", "Programmed")).toEqual({ extra: 1, conditions: STATUS.conditions.slice(1, 2) });
    expect(statusAfter()).toBeUndefined();
  });

  it("keeps addresses and listeners out of a status that had none", () => {
    const bare = { conditions: STATUS.conditions };
    expect(
      statusOf(rendered([foreign, moved("foreign", wrote("Accepted"), bare)], { published }), "Gateway", "media/gw"),
    ).toEqual({ conditions: STATUS.conditions.slice(1) });
  });

  it.each([
    ["no conditions", { conditions: [] }],
    ["no status", undefined],
    [
      "the conditions of an API server",
      {
        conditions: [
          { type: "Accepted", status: "Unknown", reason: "Pending", message: "" },
          { type: "Programmed", status: "Unknown", reason: "Pending", message: "" },
        ],
      },
    ],
  ])("has no status to write where there is nothing of ours: %s", (_, status) => {
    const one = status ? moved("foreign", {}, status) : gateway([UDP], { gatewayClassName: "foreign" });
    expect(rendered([foreign, one], { published }).statuses.map((each) => each.name)).toEqual(["turn"]);
  });

  it("loses only what an API server did not put there", () => {
    const [accepted, , programmed] = STATUS.conditions;
    expect(after(unknown("Accepted"), programmed)).toEqual({ conditions: [unknown("Accepted")] });
    expect(after(accepted, unknown("Programmed"))).toEqual({ conditions: [unknown("Programmed")] });
  });

  it("does not take what is not owned with it", () => {
    const result = rendered(
      [foreign, moved("foreign"), service("media/gw"), workload("Deployment", "media/gw", { labels: ownership()["labels"] })],
      { published },
    );
    expect(result.deletions).toEqual([]);
  });
});

describe("a Gateway whose class is gone", () => {
  const objects = [moved("gone"), attached, ...live];

  it("is an orphan under hold: everything of it stays until it is released", () => {
    const result = rendered(objects, { published });
    expect(result.orphans).toEqual(["media/gw"]);
    expect(result.held).toEqual({ configs: new Set(["media/gw"]), objects: new Set(ALL) });
    expect(result.deletions).toEqual([]);
    expect(statusOf(result, "Gateway", "media/gw")).toBeUndefined();
    expect(parentsOf(result)).toEqual([entry]);
  });

  it.each<[string, Partial<RenderOptions>]>([
    ["released", { released: new Set(["media/gw"]) }],
    ["under teardown", { onInvalid: "teardown" }],
  ])("is let go once %s", (_, changes) => {
    const result = rendered(objects, { published, ...changes });
    expect(result.orphans).toEqual([]);
    expect(result.held).toEqual({ configs: new Set(), objects: new Set() });
    expect(deletionKeys(result)).toEqual(ALL);
    expect(statusOf(result, "Gateway", "media/gw")).toEqual({ extra: 1, conditions: STATUS.conditions.slice(1, 2) });
    expect(parentsOf(result)).toEqual([]);
  });

  it("is not let go by the release of another", () => {
    expect(rendered(objects, { published, released: new Set(["media/other", "/gone"]) }).orphans).toEqual(["media/gw"]);
  });

  it.each([
    ["is published", { published }, []],
    ["has an owned Service", {}, [ownedService()]],
    ["has an owned Deployment", {}, [workload("Deployment")]],
    ["has an owned DaemonSet", {}, [workload("DaemonSet")]],
  ])("is known as ours: it %s", (_, changes, owned) => {
    expect(rendered([moved("gone"), ...owned], changes).orphans).toEqual(["media/gw"]);
  });

  it.each([
    ["nothing of ours", []],
    ["a Service of its name that is not owned", [service("media/gw", {}, { labels: ownership()["labels"] })]],
    ["an owned Service of another name", [service("media/x", {}, ownership())]],
  ])("is not: it has %s", (_, others) => {
    const result = rendered([moved("gone"), ...others]);
    expect(result.orphans).toEqual([]);
    expect(result.deletions).toEqual([]);
    expect(result.held.configs).toEqual(new Set());
  });

  it("does not keep the entries of other parents of its routes", () => {
    const two = route(
      [],
      { parentRefs: [{ name: "gw" }, { name: "mine" }] },
      "media/route",
      {},
      { parents: [{ ...entry, parentRef: { name: "x" } }, entry] },
    );
    const result = rendered([moved("gone"), gateway(undefined, {}, "media/mine"), two], { published });
    expect(parentLines(result)).toEqual(["gw", "mine Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"]);
  });

  it("keeps the entry of its route wherever the route says its namespace", () => {
    const far = route(
      [],
      { parentRefs: [{ name: "gw", namespace: "media" }] },
      "far/route",
      {},
      { parents: [{ ...entry, parentRef: { name: "gw", namespace: "media" } }] },
    );
    expect(parentsOf(rendered([moved("gone"), far], { published }), "far/route")).toHaveLength(1);
  });
});

it("a Gateway of a class of ours that is invalid is held, not released (I10)", () => {
  const result = rendered([gatewayClass({ parametersRef: undefined }), gateway(), ...live], { published });
  expect(result.orphans).toEqual([]);
  expect(result.deletions).toEqual([]);
  expect(result.held.configs).toEqual(new Set(["media/gw"]));
});

const gone = (key: string) => gateway(undefined, { gatewayClassName: "gone" }, key);

it("orphans ascend", () => {
  expect(
    rendered([gone("z/b"), gone("a/c"), ownedService({}, undefined, "z/b"), ownedService({}, undefined, "a/c")]).orphans,
  ).toEqual(["a/c", "z/b"]);
});
