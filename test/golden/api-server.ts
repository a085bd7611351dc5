import { isIP } from "node:net";
import { childOf, isObject, listOf, sameJson, textOf, type Json, type JsonObject } from "../support/json.ts";

/** What the API server of the recordings (1.35, Gateway API 1.0.0) adds to objects and what it refuses. */

/** A write that the API server answers with 422: the field and why. */
export interface Refusal {
  readonly field: string;
  readonly why: string;
}

const pending = (type: string, reason: string): JsonObject => ({
  lastTransitionTime: "1970-01-01T00:00:00Z",
  message: "Waiting for controller",
  reason,
  status: "Unknown",
  type,
});

/** The status that a new object has before anybody writes one. */
export function initialStatus(object: JsonObject): JsonObject | undefined {
  switch (object["kind"]) {
    case "GatewayClass":
      return { conditions: [pending("Accepted", "Waiting")] };
    case "Gateway":
      return { conditions: [pending("Accepted", "Pending"), pending("Programmed", "Pending")] };
    default:
      return undefined;
  }
}

/** Node ports of an exposed Service stay with their ports, matched by name, where the request says nothing about them. */
export function keepNodePorts(live: JsonObject | undefined, object: JsonObject): void {
  const [before, after] = [childOf(live, "spec"), childOf(object, "spec")];
  if (object["kind"] !== "Service" || !isExposed(before) || !isExposed(after)) return;
  const ports = listOf(after, "ports").filter(isObject);
  const old = listOf(before, "ports").filter(isObject);
  const used = new Set(ports.map((port) => port["nodePort"]));
  for (const port of ports) {
    const kept = old.find((one) => one["name"] === port["name"])?.["nodePort"];
    if (!port["nodePort"] && kept && !used.has(kept)) port["nodePort"] = kept;
  }
}

const isExposed = (spec: JsonObject): boolean => spec["type"] === "NodePort" || spec["type"] === "LoadBalancer";

/** Fills in what the API server defaults in the objects that the control plane writes. */
export function setDefaults(object: JsonObject, allocateNodePort: () => number): void {
  const spec = childOf(object, "spec");
  if (object["kind"] === "Service") defaultService(spec, allocateNodePort);
  if (object["kind"] !== "Deployment" && object["kind"] !== "DaemonSet") return;
  if (object["kind"] === "Deployment") spec["replicas"] ??= 1;
  const pod = childOf(childOf(spec, "template"), "spec");
  pod["terminationGracePeriodSeconds"] ??= 30;
  for (const container of [...listOf(pod, "containers"), ...listOf(pod, "initContainers")].filter(isObject)) {
    const image = textOf(container, "image");
    container["imagePullPolicy"] ??= /:latest$|^[^:@]*$/.test(image.split("/").at(-1) ?? "") ? "Always" : "IfNotPresent";
    for (const port of listOf(container, "ports").filter(isObject)) port["protocol"] ??= "TCP";
  }
}

function defaultService(spec: JsonObject, allocateNodePort: () => number): void {
  spec["type"] ??= "ClusterIP";
  spec["sessionAffinity"] ??= "None";
  if (isExposed(spec)) spec["externalTrafficPolicy"] ??= "Cluster";
  for (const port of listOf(spec, "ports").filter(isObject)) {
    port["protocol"] ??= "TCP";
    port["targetPort"] ??= port["port"] ?? 0;
    if (isExposed(spec) && !port["nodePort"]) port["nodePort"] = allocateNodePort();
  }
}

/** Fills in what the CRDs default in a status. */
export function defaultStatus(status: JsonObject): JsonObject {
  const out = structuredClone(status);
  for (const parent of listOf(out, "parents").filter(isObject)) {
    const reference = childOf(parent, "parentRef");
    reference["group"] ??= "gateway.networking.k8s.io";
    reference["kind"] ??= "Gateway";
  }
  for (const address of listOf(out, "addresses").filter(isObject)) address["type"] ??= "IPAddress";
  return out;
}

/**
 * Drops from the merged object what the API server drops: node ports and the policy of a Service that is no longer
 * exposed, unless the request asks for them.
 */
export function dropUnusable(object: JsonObject, request: JsonObject): void {
  const spec = childOf(object, "spec");
  if (object["kind"] !== "Service" || isExposed(spec)) return;
  const asked = new Set(
    listOf(childOf(request, "spec"), "ports")
      .filter(isObject)
      .map((port) => port["nodePort"]),
  );
  for (const port of listOf(spec, "ports").filter(isObject)) if (!asked.has(port["nodePort"])) delete port["nodePort"];
  delete spec["externalTrafficPolicy"];
}

/** Why the API server refuses `next` in place of `live`, if it does. */
export function refusalOf(live: JsonObject | undefined, next: JsonObject): Refusal | undefined {
  const [before, after] = [childOf(live, "spec"), childOf(next, "spec")];
  if (next["kind"] === "Service") return refusalOfService(after);
  if (live && (next["kind"] === "Deployment" || next["kind"] === "DaemonSet")) {
    if (!sameJson(before["selector"], after["selector"])) return { field: "spec.selector", why: "field is immutable" };
  }
  return undefined;
}

function refusalOfService(spec: JsonObject): Refusal | undefined {
  const type = textOf(spec, "type");
  if (type === "ExternalName" && !spec["externalName"]) return { field: "spec.externalName", why: "required for type ExternalName" };
  const ports = listOf(spec, "ports").filter(isObject);
  if (ports.length === 0 && type !== "ExternalName") return { field: "spec.ports", why: "required value" };
  const seen = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const key = `${String(port["port"])}/${String(port["protocol"])}`;
    if (seen.has(key)) return { field: `spec.ports[${index}]`, why: `duplicate value ${key}` };
    seen.add(key);
    const nodePort = Number(port["nodePort"] ?? 0);
    if (nodePort !== 0 && !isExposed(spec)) {
      return { field: `spec.ports[${index}].nodePort`, why: `may not be used when type is ${type}` };
    }
    if (nodePort !== 0 && (nodePort < 30_000 || nodePort > 32_767)) {
      return { field: `spec.ports[${index}].nodePort`, why: `${nodePort} is not in the range 30000-32767` };
    }
  }
  return undefined;
}

const DNS_NAME = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Why the CRD refuses a status. */
export function refusalOfStatus(status: JsonObject): Refusal | undefined {
  for (const [index, address] of listOf(status, "addresses").filter(isObject).entries()) {
    const [type, value] = [address["type"] ?? "IPAddress", textOf(address, "value")];
    if (type === "IPAddress" && isIP(value) === 0) return { field: `status.addresses[${index}]`, why: `${value} is not an IP address` };
    if (type === "Hostname" && (isIP(value) !== 0 || !DNS_NAME.test(value))) {
      return { field: `status.addresses[${index}]`, why: `${value} is not a host name` };
    }
  }
  return undefined;
}

/** Secrets may be written as text; the API server keeps them as base64. */
export function encodeSecret(object: JsonObject): void {
  if (object["kind"] !== "Secret" || !isObject(object["stringData"])) return;
  const encoded = Object.entries(object["stringData"]).map(([key, value]): [string, Json] => [
    key,
    Buffer.from(String(value)).toString("base64"),
  ]);
  object["data"] = { ...childOf(object, "data"), ...Object.fromEntries(encoded) };
  delete object["stringData"];
}
