import type { AnyKubeObject } from "../../resources/kinds.ts";
import { complete } from "./complete.ts";

/** Namespaces that objects are in and no manifest has: in a cluster they would have to exist. */
export function impliedNamespaces(objects: readonly AnyKubeObject[]): AnyKubeObject[] {
  const names = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  for (const { kind, metadata } of objects) if (kind === "Namespace") names.delete(metadata.name);
  return [...names].sort().map((name) => complete({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
}
