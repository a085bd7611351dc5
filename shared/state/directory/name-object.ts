import type { KindInfo } from "../../resources/kinds.ts";
import { isMapping, type RawObject } from "./convert.ts";
import type { FieldPath } from "./field-path.ts";
import type { Finding } from "./finding.ts";
import { recognizeKind } from "./recognize-kind.ts";

/** An object whose kind is known, or what is to be said of it instead. */
export type NamedObject =
  | { readonly object: RawObject; readonly info: KindInfo }
  | { readonly finding: Finding; readonly label: string };

/** Finds out what kind of object a document holds. */
export function nameObject(value: unknown): NamedObject {
  if (!isMapping(value)) {
    return { finding: error([], "NotAnObject", "must be a Kubernetes object: apiVersion, kind, metadata"), label: "" };
  }
  const { apiVersion, kind } = value;
  const label = labelOf(value);
  if (typeof kind !== "string" || kind === "") {
    return { finding: error(["kind"], "NoKind", "is required, such as kind: Gateway; is this an excerpt of a manifest?"), label };
  }
  if (typeof apiVersion !== "string" || apiVersion === "") {
    return { finding: error(["apiVersion"], "NoKind", "is required, such as apiVersion: gateway.networking.k8s.io/v1"), label };
  }
  const recognized = recognizeKind(apiVersion, kind);
  return "info" in recognized ? { object: value, info: recognized.info } : { finding: recognized.finding, label };
}

/** `Kind namespace/name`, as much of it as the object tells. */
export function labelOf({ kind, metadata }: RawObject): string {
  const { namespace, name } = isMapping(metadata) ? metadata : {};
  const id = [namespace, name].filter((part) => typeof part === "string" && part !== "").join("/");
  return [kind, id].filter((part) => typeof part === "string" && part !== "").join(" ");
}

function error(path: FieldPath, reason: string, message: string): Finding {
  return { severity: "error", path, reason, message };
}
