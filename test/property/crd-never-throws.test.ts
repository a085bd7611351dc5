import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { KINDS } from "../../shared/resources/kinds.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { loadManifests, parseManifests } from "../../shared/state/directory/load-manifests.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";

/** Keys that mean something to somebody, and such as have hurt others. */
const fieldName = fc.oneof(
  fc.constantFrom("apiVersion", "kind", "metadata", "name", "namespace", "spec", "status", "items", "labels", "annotations", "data"),
  fc.constantFrom("stringData", "rules", "listeners", "backendRefs", "parametersRef", "__proto__", "constructor", "toString", "<<", ""),
);
const leaf = fc.oneof(
  fc.constantFrom("List", "Gateway", "v1", "gateway.networking.k8s.io/v1", "stunner.l7mp.io/v1", "..", "a", "\u0000", "*x", "&x", "- "),
  fc.jsonValue({ maxDepth: 0 }),
);
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("any"), { maxLength: 3 }), fc.dictionary(fieldName, tie("any"), { maxKeys: 4 })),
})).any;

const kinds = fc.constantFrom(...KINDS).chain(({ group, kind, versions }) =>
  fc.constantFrom(...versions, "v9").map((version) => ({ apiVersion: group === "" ? version : `${group}/${version}`, kind })),
);
const object = fc.tuple(kinds, fc.dictionary(fieldName, value, { maxKeys: 4 }), fc.constantFrom("a", "b")).map(([type, fields, name]) => {
  return { metadata: { name }, ...fields, ...type };
});
const stream = fc.array(fc.oneof(object, value), { maxLength: 4 }).chain((values) => {
  const yaml = values.map((one) => stringify(one)).join("---\n");
  const json = JSON.stringify({ apiVersion: "v1", kind: "List", items: values });
  return fc.constantFrom(yaml, json);
});
/** A text with a piece taken out and another put in. */
const damaged = fc
  .tuple(stream, fc.nat(), fc.nat(8), fc.constantFrom("", "\t", "---\n", "...", "{", '"', "*a ", "&a ", "!!binary ", "\u0000", ": ", "\r\n"))
  .map(([text, at, length, piece]) => text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + length));
const text = fc.oneof(stream, damaged, fc.string({ unit: "binary" }));

describe("manifests of any content", () => {
  test("are read without an exception, and every problem has a place", () => {
    holds([text], (one) => {
      const { objects, problems } = parseManifests(one, "f.yaml");
      for (const { message, line } of problems) {
        expect(message).not.toBe("");
        expect(Number.isInteger(line) && line >= 1).toBe(true);
      }
      // What is accepted can be written, and makes a state.
      expect(JSON.stringify(objects)).toBeTypeOf("string");
      for (const key of clusterState(objects).gateways.keys()) expect(key).toMatch(/^[a-z0-9][-a-z0-9]*\/[a-z0-9][-a-z0-9.]*$/);
    });
  }, PROPERTY_TIMEOUT);

  test("the same texts give the same objects, problems and UIDs", () => {
    holds([text], (one) => {
      const [first, second] = [parseManifests(one, "f"), parseManifests(one, "f")];
      expect(second.objects).toEqual(first.objects);
      expect(second.problems).toEqual(first.problems);
    });
  }, PROPERTY_TIMEOUT);

  test("a valid document beside them is always read", () => {
    const good = "apiVersion: v1\nkind: Node\nmetadata: {name: good}\n";
    holds([text], (one) => {
      // Another document may be one that says the same of the same Node.
      const { objects } = parseManifests(`${good}---\n${one}\n---\n${good}`, "f.yaml");
      expect(objects.some(({ kind, metadata }) => kind === "Node" && metadata.name === "good")).toBe(true);
    });
  }, PROPERTY_TIMEOUT);

  test("an edit that makes a file unreadable or invalid takes no object away that was not named", () => {
    const good = "apiVersion: v1\nkind: Node\nmetadata: {name: good}\n";
    const before = loadManifests([{ name: "f", text: good }]);
    holds([fc.constantFrom("a: \"b\n", "a:\n\tb: 1", `${good}status: []\nspec: 5\n`, "[", "kind: Node\n", "5\n")], (broken) => {
      expect(loadManifests([{ name: "f", text: broken }], before).objects).toEqual(before.objects);
    });
  }, PROPERTY_TIMEOUT);
});
