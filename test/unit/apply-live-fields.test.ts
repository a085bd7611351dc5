import { type Arbitrary, assert, boolean, constant, constantFrom, dictionary, letrec, oneof, property, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldText, hasPath, itemElement } from "../../shared/apply/live/field-path.ts";
import { appliedSet, childrenOf, difference, type FieldSet, isEmpty, isMember, missing, present, under, union, valueAt, without } from "../../shared/apply/live/fields-v1.ts";
import { managedEntries, managerOf } from "../../shared/apply/live/managers.ts";
import type { JsonObject } from "../../shared/apply/json.ts";

const PORT = 'k:{"port":80,"protocol":"TCP"}';

/** Paths that a set holds, as a server would count them. */
function pathsOf(fields: FieldSet, prefix = ""): string[] {
  return childrenOf(fields).flatMap(([element, content]) => {
    const here = `${prefix}/${element}`;
    return [...(isMember(content) ? [here] : []), ...pathsOf(content, here)];
  });
}

const sets: Arbitrary<FieldSet> = letrec<{ set: FieldSet; content: FieldSet }>((tie) => ({
  set: dictionary(constantFrom("f:a", "f:b", PORT), tie("content"), { maxKeys: 3, depthIdentifier: "set" }),
  content: oneof({ depthIdentifier: "set" }, constant({}), constant({ ".": {} }), tuple(tie("set"), boolean()).map(([set, member]): FieldSet => (member ? { ".": {}, ...set } : set))),
})).set;

describe("sets of fields", () => {
  test("are united, member by member", () => {
    expect(union({ "f:a": {} }, { "f:b": {} })).toEqual({ "f:a": {}, "f:b": {} });
    expect(union({ "f:a": {} }, { "f:a": { "f:b": {} } })).toEqual({ "f:a": { ".": {}, "f:b": {} } });
    expect(union({ "f:a": { ".": {}, "f:b": {} } }, { "f:a": { "f:c": {} } })).toEqual({ "f:a": { ".": {}, "f:b": {}, "f:c": {} } });
    assert(
      property(sets, sets, (a, b) => {
        expect(new Set(pathsOf(union(a, b)))).toEqual(new Set([...pathsOf(a), ...pathsOf(b)]));
      }),
    );
  });

  test("are subtracted, member by member", () => {
    expect(difference({ "f:a": { ".": {}, "f:b": {} } }, { "f:a": {} })).toEqual({ "f:a": { "f:b": {} } });
    expect(difference({ "f:a": { "f:b": {} } }, { "f:a": { "f:b": {} } })).toEqual({});
    assert(
      property(sets, sets, (a, b) => {
        const expected = pathsOf(a).filter((path) => !pathsOf(b).includes(path));
        expect(pathsOf(difference(a, b)).sort()).toEqual(expected.sort());
      }),
    );
  });

  test("are subtracted with all that is in a member", () => {
    expect(without({ "f:a": { ".": {}, "f:b": {} }, "f:c": {} }, { "f:a": {} })).toEqual({ "f:c": {} });
    expect(without({ "f:a": { "f:b": {}, "f:c": {} } }, { "f:a": { "f:b": {} } })).toEqual({ "f:a": { "f:c": {} } });
    assert(
      property(sets, sets, (a, b) => {
        const gone = pathsOf(b);
        const expected = pathsOf(a).filter((path) => !gone.some((one) => path === one || path.startsWith(`${one}/`)));
        expect(pathsOf(without(a, b)).sort()).toEqual(expected.sort());
      }),
    );
  });

  test("have parts under a path, and parts that an object has", () => {
    const fields = { "f:spec": { "f:ports": { [PORT]: { ".": {}, "f:name": {}, "f:gone": {} } }, "f:type": {} }, "f:metadata": { "f:labels": { ".": {}, "f:a": {} } } };
    expect(under(fields, ["f:spec", "f:ports"])).toEqual({ "f:spec": { "f:ports": fields["f:spec"]["f:ports"] } });
    expect(under(fields, ["f:spec", "f:nothing"])).toEqual({});
    expect(under(fields, ["f:nothing", "f:ports"])).toEqual({});
    expect(present(fields, { spec: { ports: [{ port: 80, name: "x" }] }, metadata: { labels: {} } })).toEqual({
      "f:spec": { "f:ports": { [PORT]: { ".": {}, "f:name": {} } } },
      "f:metadata": { "f:labels": {} },
    });
    expect(missing(fields, { spec: { ports: [{ port: 80, name: "x" }], type: "" }, metadata: {} })).toEqual([["f:spec", "f:ports", PORT, "f:gone"], ["f:metadata", "f:labels"]]);
    expect(missing(fields, undefined)).toEqual([["f:spec"], ["f:metadata"]]);
    expect(isEmpty({ ".": {} })).toBe(true);
  });

  test("are as an apply would own them: maps by what is in them, items by themselves too", () => {
    const created = { "f:labels": { ".": {}, "f:a": {} }, "f:empty": { ".": {} }, "f:ports": { ".": {}, [PORT]: { ".": {}, "f:name": {} } }, "f:leaf": {} };
    expect(appliedSet(created)).toEqual({ "f:labels": { "f:a": {} }, "f:empty": {}, "f:ports": { [PORT]: { ".": {}, "f:name": {} } }, "f:leaf": {} });
  });

  test("name parts of values", () => {
    const value = { a: { b: 1 }, ports: [{ port: 80 }, { port: 81, protocol: "UDP" }], set: ["x", "y"] };
    expect(valueAt(value, "f:a")).toEqual({ b: 1 });
    expect(valueAt(value, "f:constructor")).toBeUndefined();
    expect(valueAt(value.ports, PORT)).toEqual({ port: 80 });
    expect(valueAt(value.ports, 'k:{"port":81,"protocol":"UDP"}')).toEqual({ port: 81, protocol: "UDP" });
    expect(valueAt(value.ports, 'k:{"port":82}')).toBeUndefined();
    expect(valueAt(value.ports, "k:no JSON")).toBeUndefined();
    expect(valueAt("x", PORT)).toBeUndefined();
    expect(valueAt(value.set, 'v:"y"')).toBe("y");
    expect(valueAt(value.set, 'v:"z"')).toBeUndefined();
    expect(valueAt("x", 'v:"z"')).toBeUndefined();
    expect(valueAt(value, "i:0")).toBeUndefined();
    expect(valueAt(1, "f:a")).toBeUndefined();
  });
});

describe("paths", () => {
  test("are written for people", () => {
    expect(fieldText(["f:spec", "f:ports", 'k:{"port":80,"protocol":"TCP"}', "f:targetPort"])).toBe("spec.ports[80/TCP].targetPort");
    expect(fieldText(["f:metadata", "f:annotations", "f:a.b/c"])).toBe("metadata.annotations[a.b/c]");
    expect(fieldText(["f:metadata", "f:finalizers", 'v:"x"'])).toBe('metadata.finalizers["x"]');
    expect(fieldText(["f:metadata", "f:labels", "f:app-1_x"])).toBe("metadata.labels.app-1_x");
  });

  test("tell items by their keys", () => {
    expect(itemElement("ports", { port: 80 })).toBe(PORT);
    expect(itemElement("ports", { containerPort: 80, protocol: "UDP" })).toBe('k:{"containerPort":80,"protocol":"UDP"}');
    expect(itemElement("ownerReferences", { uid: "u", kind: "K", name: "n" })).toBe('k:{"uid":"u"}');
    expect(itemElement("env", { name: "A", value: "1" })).toBe('k:{"name":"A"}');
    expect(itemElement("topologySpreadConstraints", { topologyKey: "t", whenUnsatisfiable: "w" })).toBe('k:{"topologyKey":"t","whenUnsatisfiable":"w"}');
    expect(itemElement("args", {})).toBeUndefined();
    expect(itemElement("constructor", {})).toBeUndefined();
  });

  test("are in a set: themselves, by what they hold, or by what holds them as a whole", () => {
    const fields = { "f:spec": { "f:selector": {}, "f:ports": { 'k:{"protocol":"TCP","port":80}': { ".": {}, "f:name": {} } } } };
    expect(hasPath(fields, ["f:spec"])).toBe(true);
    expect(hasPath(fields, ["f:spec", "f:selector", "f:app"])).toBe(true);
    expect(hasPath(fields, ["f:spec", "f:ports", PORT, "f:name"])).toBe(true);
    expect(hasPath(fields, ["f:spec", "f:ports", PORT, "f:targetPort"])).toBe(false);
    expect(hasPath(fields, ["f:spec", "f:ports", 'k:{"port":81,"protocol":"TCP"}'])).toBe(false);
    expect(hasPath({ "f:labels": { ".": {} } }, ["f:labels", "f:a"])).toBe(false);
    expect(hasPath({}, ["f:spec"])).toBe(false);
  });
});

const entry = (manager: string, time: string | undefined, fieldsV1: JsonObject, more: JsonObject = {}) => ({ manager, operation: "Update", ...(time ? { time } : {}), fieldsV1, ...more });
const object = (...managedFields: unknown[]) => ({ metadata: { managedFields } });

describe("managers", () => {
  const path = ["f:spec", "f:type"];
  const type = { "f:spec": { "f:type": {} } };

  test("who wrote a field last, other than we", () => {
    expect(managerOf(object(entry("a", "2026-01-01T00:00:00Z", type), entry("b", "2026-01-02T00:00:00Z", type), entry("c", "2026-01-03T00:00:00Z", { "f:spec": { "f:x": {} } })), path)).toBe("b");
    expect(managerOf(object(entry("b", "2026-01-02T00:00:00Z", type), entry("a", undefined, type)), path)).toBe("b");
    expect(managerOf(object(entry("a", undefined, type), entry("b", "2026-01-02T00:00:00Z", type)), path)).toBe("b");
    expect(managerOf(object(entry("stunner-serverless", "2026-01-02T00:00:00Z", type)), path)).toBeUndefined();
    expect(managerOf(object(), path)).toBeUndefined();
  });

  test("of an object without any, or with what is none", () => {
    expect(managedEntries({ metadata: {} })).toEqual([]);
    expect(managedEntries({ metadata: { managedFields: "x" } })).toEqual([]);
    expect(managerOf({ metadata: { managedFields: [{ manager: "a" }] } }, path)).toBeUndefined();
  });
});
