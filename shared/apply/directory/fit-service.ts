import { isObject } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import type { KubeObject } from "../../resources/meta.ts";

/** Fields that an API server takes away from a Service that becomes one without node ports. */
const OF_NODE_PORTS = ["externalTrafficPolicy", "healthCheckNodePort", "allocateLoadBalancerNodePorts", "loadBalancerClass"];

/**
 * What becomes of a merged Service: its ports are ours alone, and what no longer fits its type or affinity goes, as with
 * an API server (spec/resources.md 2.8). Other kinds stay as they are.
 * @param merged `overlay` of what is desired: our ports come first
 */
export function fitService<T extends KubeObject>(merged: T, desired: KubeObject): T {
  const spec = specOf(merged);
  if (merged.kind !== "Service" || !spec) return merged;
  const drop = new Set([...(hasNodePorts(spec) ? [] : OF_NODE_PORTS), ...(spec["sessionAffinity"] === "None" ? ["sessionAffinityConfig"] : [])]);
  const kept = Object.entries(spec).filter(([field]) => !drop.has(field));
  const ours = portsOf(spec).slice(0, portsOf(specOf(desired)).length);
  const ports = hasNodePorts(spec) ? ours : ours.map(withoutNodePort);
  return { ...merged, spec: { ...Object.fromEntries(kept), ports } };
}

function specOf(object: KubeObject): JsonObject | undefined {
  return isObject(object["spec"]) ? object["spec"] : undefined;
}

function portsOf(spec: JsonObject | undefined): readonly Json[] {
  return Array.isArray(spec?.["ports"]) ? (spec["ports"] as readonly Json[]) : [];
}

function hasNodePorts({ type }: JsonObject): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

function withoutNodePort(port: Json): Json {
  if (!isObject(port)) return port;
  const { nodePort: _nodePort, ...rest } = port;
  return rest;
}
