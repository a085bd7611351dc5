import { isObject, type JsonObject } from "../json.ts";
import { isAtomicMap } from "../list-keys.ts";
import { itemElement } from "./field-path.ts";
import { type FieldSet, isEmpty } from "./fields-v1.ts";

/** Fields of which an object may have one, by the field that holds it; of an item, by its list. */
const EXCLUSIVE: Readonly<Record<string, (field: string) => boolean>> = {
  env: among("value", "valueFrom"),
  valueFrom: among("configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"),
  livenessProbe: among("exec", "grpc", "httpGet", "tcpSocket"),
  readinessProbe: among("exec", "grpc", "httpGet", "tcpSocket"),
  startupProbe: among("exec", "grpc", "httpGet", "tcpSocket"),
  volumes: (field) => field !== "name",
};
/** What an API server puts into a Service's ports by itself. */
const ALLOCATED: ReadonlySet<string> = new Set(["nodePort"]);

/**
 * Live fields that must go, whoever set them, because they lie in what is ours alone: of a Service all ports and
 * what is in them (issue 4, adoption); of a workload what cannot stand beside a field of ours, such as `value` beside
 * `valueFrom`, or a second port of the same name. An API server would refuse to put our field back.
 */
export function intruders(live: JsonObject, desired: JsonObject): FieldSet {
  return inMap(live, desired, "", live["kind"] === "Service");
}

function inMap(live: JsonObject, desired: JsonObject, field: string, isService: boolean): FieldSet {
  if (isAtomicMap(field)) return {};
  const isExclusive = EXCLUSIVE[field];
  const isOneOf = isExclusive && Object.keys(desired).some(isExclusive);
  const isAlone = isService && field === "ports";
  return collect(
    Object.entries(live).map(([key, value]) => {
      const wanted = Object.hasOwn(desired, key) ? desired[key] : undefined;
      const mustGo = wanted === undefined && ((isOneOf && isExclusive(key)) || (isAlone && !ALLOCATED.has(key)));
      return [`f:${key}`, mustGo ? {} : inValue(value, wanted, key, isService)];
    }),
  );
}

function inValue(live: unknown, desired: unknown, field: string, isService: boolean): FieldSet | undefined {
  if (isObject(live) && isObject(desired)) return unlessEmpty(inMap(live, desired, field, isService));
  if (!Array.isArray(live) || !Array.isArray(desired) || itemElement(field, {}) === undefined) return undefined;
  const wanted = desired.filter(isObject);
  return unlessEmpty(
    collect(
      live.filter(isObject).map((item) => {
        const element = itemElement(field, item) ?? "";
        const match = wanted.find((one) => itemElement(field, one) === element);
        if (match) return [element, unlessEmpty(inMap(item, match, field, isService))];
        const isNamesake = item["name"] !== undefined && wanted.some((one) => one["name"] === item["name"]);
        return [element, (isService && field === "ports") || isNamesake ? {} : undefined];
      }),
    ),
  );
}

function collect(entries: readonly (readonly [string, FieldSet | undefined])[]): FieldSet {
  return Object.fromEntries(entries.filter(([, content]) => content !== undefined));
}

function unlessEmpty(fields: FieldSet): FieldSet | undefined {
  return isEmpty(fields) ? undefined : fields;
}

function among(...fields: readonly string[]): (field: string) => boolean {
  return (field) => fields.includes(field);
}
