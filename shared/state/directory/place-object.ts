import type { KindInfo } from "../../resources/kinds.ts";
import { isMapping, type RawObject } from "./convert.ts";
import type { Report } from "./finding.ts";

/** Gives a namespaced object without a namespace the namespace `default`, and takes a cluster-scoped one's away; in place. */
export function placeObject({ metadata }: RawObject, info: KindInfo, report: Report): void {
  if (!isMapping(metadata)) return;
  if (info.namespaced) {
    if (metadata["namespace"] === undefined || metadata["namespace"] === "") metadata["namespace"] = "default";
  } else if (metadata["namespace"] !== undefined) {
    const message = `has no effect: ${info.kind} is not namespaced`;
    report({ severity: "warning", reason: "NotNamespaced", path: ["metadata", "namespace"], message });
    delete metadata["namespace"];
  }
}
