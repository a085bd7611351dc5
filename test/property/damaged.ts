import * as fc from "fast-check";
import { isObject, type Json, type JsonObject } from "../support/json.ts";

interface Place {
  readonly parent: Json[] | JsonObject;
  readonly key: string;
}

/** What stands where something else was expected; undefined takes the field away. */
const ODD: readonly (Json | undefined)[] = [
  undefined, null, true, 0, -1, 1.5, 2 ** 40, "", "x", "\u0000", "__proto__", [], [null], [[]], {}, { name: null }, { "": {} },
];
const blow = fc.record({ at: fc.nat(), value: fc.constantFrom(...ODD), key: fc.constantFrom(undefined, undefined, "x-odd") });

/**
 * The objects as a cluster with looser CRDs could hold them: some fields are replaced, taken away or added at any depth. What
 * every API server checks by itself stays: the type, the name and the namespace.
 */
export const damaged = (objects: fc.Arbitrary<JsonObject[]>): fc.Arbitrary<JsonObject[]> =>
  fc.tuple(objects, fc.array(blow, { minLength: 1, maxLength: 4 })).map(([all, blows]) => {
    const broken = structuredClone(all);
    for (const { at, value, key } of blows) {
      const places = broken.flatMap((object) => placesIn(object).filter(({ parent, key: own }) => !isIdentity(object, parent, own)));
      const place = places[at % places.length];
      if (place) put(place, key, structuredClone(value));
    }
    return broken;
  });

function placesIn(parent: Json): Place[] {
  if (!isObject(parent) && !Array.isArray(parent)) return [];
  return Object.entries(parent).flatMap(([key, value]) => [{ parent, key }, ...placesIn(value)]);
}

function isIdentity(object: JsonObject, parent: Json, key: string): boolean {
  if (parent === object) return ["apiVersion", "kind", "metadata"].includes(key);
  return parent === object["metadata"] && ["name", "namespace"].includes(key);
}

function put({ parent, key }: Place, other: string | undefined, value: Json | undefined): void {
  if (Array.isArray(parent)) parent[Number(key)] = value ?? null;
  else if (value === undefined) delete parent[key];
  else parent[other ?? key] = value;
}
