import { GATEWAY_GROUP } from "../../resources/constants.ts";
import { groupOf, KINDS, kindOf, type KindInfo } from "../../resources/kinds.ts";
import type { Finding } from "./finding.ts";
import { nearest } from "./nearest.ts";

/** What an object's apiVersion and kind say: a kind that is read, or why the object does not count. */
export type Recognized = { readonly info: KindInfo } | { readonly finding: Finding };

/** Kinds of Gateway API that are for other controllers. */
const OTHER_GATEWAY_KINDS: ReadonlySet<string> = new Set([
  "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "BackendTLSPolicy", "BackendLBPolicy", "ListenerSet", "XListenerSet",
  "XBackendTrafficPolicy", "XMesh",
]);

/** Looks an object's kind up; says what to do where it is not one that is read. */
export function recognizeKind(apiVersion: string, kind: string): Recognized {
  const info = kindOf({ apiVersion, kind });
  if (!info) return { finding: { ...foreign(apiVersion, kind), path: ["kind"] } };
  const version = apiVersion.slice(apiVersion.lastIndexOf("/") + 1);
  if (info.versions.includes(version)) return { info };
  const accepted = info.versions.map((one) => (info.group === "" ? one : `${info.group}/${one}`)).join(", ");
  const message = `${apiVersion} is no version of ${kind} that is read; accepted: ${accepted}`;
  return { finding: { severity: "error", path: ["apiVersion"], reason: "UnknownVersion", message } };
}

function foreign(apiVersion: string, kind: string): Omit<Finding, "path"> {
  if (isForOthers(groupOf(apiVersion), kind)) {
    return { severity: "info", reason: "IgnoredKind", message: `${kind} of ${apiVersion} has no meaning here and is ignored` };
  }
  const message = `${kind} of ${apiVersion} is no kind that is read, and is ignored`;
  const known = KINDS.find((info) => info.kind === kind) ?? nearestKind(groupOf(apiVersion), kind);
  const hint = known ? `; did you mean ${known.kind} of ${known.apiVersion}?` : "";
  return { severity: "warning", reason: "UnknownKind", message: message + hint };
}

function nearestKind(group: string, kind: string): KindInfo | undefined {
  const ofGroup = KINDS.filter((info) => info.group === group);
  const meant = nearest(kind, ofGroup.map((info) => info.kind));
  return ofGroup.find((info) => info.kind === meant);
}

/** Whether it is a kind of Kubernetes itself, or one of Gateway API that others serve. */
function isForOthers(group: string, kind: string): boolean {
  if (group === GATEWAY_GROUP || group === "gateway.networking.x-k8s.io") return OTHER_GATEWAY_KINDS.has(kind);
  if (group.endsWith(".k8s.io")) return true;
  return CORE_KINDS.has(kind) && (group === "" || !group.includes("."));
}

/** Kinds of the groups without a dot: core, apps, batch, autoscaling, policy. */
const CORE_KINDS: ReadonlySet<string> = new Set([
  "Pod", "ReplicaSet", "ReplicationController", "StatefulSet", "ControllerRevision", "Job", "CronJob", "ServiceAccount",
  "PersistentVolume", "PersistentVolumeClaim", "LimitRange", "ResourceQuota", "PodTemplate", "Event", "Binding",
  "ComponentStatus", "HorizontalPodAutoscaler", "PodDisruptionBudget",
]);
