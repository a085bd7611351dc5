import type { KindInfo } from "../../resources/kinds.ts";
import type { Report } from "./finding.ts";
import { retiredRemedy } from "./retired-fields.ts";

/** An object as it stands in a document: nothing is known of it but that it is a mapping. */
export type RawObject = Record<string, unknown>;

/**
 * Brings an object of an older version to the one that is read, in place, and drops what an API server would not store.
 * UDPRoutes of Gateway API keep their version, since their status is written at it.
 */
export function convert(object: RawObject, info: KindInfo, report: Report): void {
  if (info.kind !== "UDPRoute") object["apiVersion"] = info.apiVersion;
  const spec = object["spec"];
  if (!isMapping(spec)) return;
  for (const field of Object.keys(spec)) {
    const remedy = retiredRemedy(info.kind, field);
    if (remedy === undefined) continue;
    const message = `no longer exists and has no effect: ${remedy}`;
    report({ severity: "warning", reason: "RetiredField", path: ["spec", field], message });
    delete spec[field];
  }
}

/** Whether it is a mapping. */
export function isMapping(value: unknown): value is RawObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
