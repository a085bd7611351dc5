import { hash } from "node:crypto";
import type { DesiredObject } from "../render/result.ts";
import type { DesiredService } from "../render/service.ts";

/** Digests by `Kind/namespace/name` (DESIGN.md 4.2, applied.json). */
export type AppliedDigests = ReadonlyMap<string, string>;

/**
 * The same for the same fields: the renderer writes them in one order. Node ports say nothing: they follow from an
 * annotation of the same Service or are those that are live, and what another hand does there is no wish of ours.
 */
export function digestOf(object: DesiredObject): string {
  return hash("sha256", JSON.stringify(isService(object) ? withoutNodePorts(object) : object), "base64url");
}

function isService(object: DesiredObject): object is DesiredService {
  return object.kind === "Service";
}

function withoutNodePorts(service: DesiredService): object {
  const ports = service.spec.ports.map(({ nodePort: _nodePort, ...port }) => port);
  return { ...service, spec: { ...service.spec, ports } };
}
