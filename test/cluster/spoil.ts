import * as fc from "fast-check";
import { isObject, type Json } from "../support/json.ts";

/** Values that are wrong in most places. */
const TEXTS: readonly Json[] = ["", " ", "x", "X", "a.b", "-", "a".repeat(64), "a".repeat(254), "192.0.2.1", "Ünïcode", "1"];
const NUMBERS: readonly Json[] = [0, -1, 1, 1.5, 65_535, 65_536, 2 ** 31, -(2 ** 31) - 1, 2 ** 53];
const OTHERS: readonly Json[] = [true, false, [], {}, [""], [{}], { a: "b" }];

/** The value with one part of it, at any depth, exchanged for junk, taken away or doubled. */
export function spoiled(value: Json): fc.Arbitrary<Json> {
  const paths = pathsOf(value);
  if (paths.length === 0) return fc.constant(value);
  const junk = fc.constantFrom(...TEXTS, ...NUMBERS, ...OTHERS);
  const how = fc.constantFrom("exchange", "exchange", "remove", "double");
  return fc.tuple(fc.constantFrom(...paths), how, junk).map(([path, done, instead]) => {
    const copy = structuredClone(value);
    const parent = path.slice(0, -1).reduce<Json>((at, key) => (at as Record<string, Json>)[key] ?? null, copy) as Record<string, Json>;
    const key = path.at(-1) ?? "";
    if (done === "exchange") parent[key] = instead;
    else if (done === "remove") remove(parent, key);
    else if (Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)] ?? null));
    return copy;
  });
}

function remove(parent: Json, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (isObject(parent)) delete parent[key];
}

function pathsOf(value: Json, before: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [[...before, key], ...pathsOf(part, [...before, key])]);
}
