import { FIELD_MANAGER } from "../../render/managed-fields.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { managedEntries, type ManagedEntry } from "./owned-fields.ts";

/** Names under which the upstream operator has written: its writes are ours to carry on (issue 4, taking over). */
const UPSTREAM_MANAGERS: ReadonlySet<string> = new Set(["manager", "stunner-gateway-operator"]);

/** Fields of a kind that nobody but us may have, items of others included (issue 4: adoption of a Service). */
const OURS_ALONE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Service: [["f:spec", "f:ports"], ["f:spec", "f:selector"], ["f:spec", "f:type"]],
};

/**
 * New managedFields with which a server-side apply of ours removes what it does not mention: entries of the upstream
 * operator, and what anybody holds of fields that are ours alone, are made part of our apply entry, as client-go's
 * upgrade of client-side applies does. Undefined where there is nothing to take over.
 */
export function takenOver(object: { kind: string; metadata: object }): unknown[] | undefined {
  const entries = managedEntries(object);
  const paths = OURS_ALONE[object.kind] ?? [];
  let taken: JsonObject = {};
  let isTaken = false;
  const rest = entries.flatMap((entry): ManagedEntry[] => {
    const fields = (entry.fieldsV1 ?? {}) as JsonObject;
    if (isOurs(entry)) {
      taken = union(taken, fields);
      return [];
    }
    if (entry.subresource) return [entry];
    if (entry.operation === "Update" && UPSTREAM_MANAGERS.has(entry.manager ?? "")) {
      taken = union(taken, fields);
      isTaken = true;
      return [];
    }
    let left = fields;
    for (const path of paths) {
      const part = pick(left, path);
      if (part === undefined) continue;
      taken = union(taken, part);
      left = without(left, path) ?? {};
      isTaken = true;
    }
    return Object.keys(left).length > 0 ? [{ ...entry, fieldsV1: left }] : [];
  });
  if (!isTaken) return undefined;
  const apiVersion = (object as { apiVersion?: string }).apiVersion;
  return [...rest, { manager: FIELD_MANAGER, operation: "Apply", apiVersion, fieldsType: "FieldsV1", fieldsV1: taken }];
}

export function isOurs({ manager, operation, subresource }: ManagedEntry): boolean {
  return manager === FIELD_MANAGER && operation === "Apply" && !subresource;
}

function union(a: JsonObject, b: JsonObject): JsonObject {
  const merged: Record<string, Json | undefined> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const present = merged[key];
    merged[key] = isObject(present) && isObject(value) ? union(present, value) : (value ?? present);
  }
  return merged;
}

function pick(fields: JsonObject, [first = "", ...rest]: readonly string[]): JsonObject | undefined {
  const inner = fields[first];
  if (!isObject(inner)) return undefined;
  if (rest.length === 0) return { [first]: inner };
  const found = pick(inner, rest);
  return found && { [first]: found };
}

function without(fields: JsonObject, [first = "", ...rest]: readonly string[]): JsonObject | undefined {
  const { [first]: inner, ...others } = fields;
  const left = rest.length > 0 && isObject(inner) ? without(inner, rest) : undefined;
  const all = left ? { ...others, [first]: left } : others;
  return Object.keys(all).some((key) => key !== ".") ? all : undefined;
}
