import { isObject, type Json, type JsonObject } from "../support/json.ts";

/** `metadata.managedFields` as an API server would show it: who owns which field. Lists other than conditions are one value. */
export function managedFields(
  apiVersion: string,
  managers: ReadonlyMap<string, JsonObject>,
  statusBy: { manager: string; status: JsonObject } | undefined,
): JsonObject[] {
  const entries = [...managers].map(([manager, { apiVersion: _version, kind: _kind, ...fields }]) => ({
    manager,
    operation: "Apply",
    apiVersion,
    fieldsType: "FieldsV1",
    fieldsV1: fieldsOf(fields),
  }));
  if (!statusBy) return entries;
  const fieldsV1 = { "f:status": fieldsOf(statusBy.status) };
  return [
    ...entries,
    { manager: statusBy.manager, operation: "Apply", apiVersion, fieldsType: "FieldsV1", subresource: "status", fieldsV1 } as JsonObject,
  ];
}

function fieldsOf(value: Json): JsonObject {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, child]): [string, Json] => [
      `f:${key}`,
      key === "conditions" && Array.isArray(child) ? conditionFields(child) : fieldsOf(child),
    ]),
  );
}

function conditionFields(conditions: readonly Json[]): JsonObject {
  return Object.fromEntries(
    conditions
      .filter(isObject)
      .map((condition): [string, Json] => [`k:${JSON.stringify({ type: condition["type"] ?? "" })}`, { ".": {}, ...fieldsOf(condition) }]),
  );
}
