import { byText } from "../../golden/normalise.ts";
import { childOf, isObject, listOf, textOf, type Json, type JsonObject } from "../../support/json.ts";
import type { Cluster } from "../cluster.ts";
import type { Resource } from "../resource.ts";
import { STRANGERS } from "./scenario.ts";

const OURS = [["v1", "Service"], ["apps/v1", "Deployment"], ["apps/v1", "DaemonSet"]] as const;
const WITH_STATUS = [["gateway.networking.k8s.io/v1", "GatewayClass"], ["gateway.networking.k8s.io/v1", "Gateway"], ["stunner.l7mp.io/v1", "UDPRoute"]] as const;

/** What differs from run to run though nothing is different. */
const VOLATILE: ReadonlySet<string> = new Set(["uid", "resourceVersion", "creationTimestamp", "time", "lastTransitionTime", "clusterIP", "clusterIPs", "nodePort", "f:nodePort", "generation"]);

export interface Outcome {
  /** What we make and the statuses that we write, without what differs from run to run. Who manages which field is in it. */
  readonly made: JsonObject;
  /** UIDs of what we make. */
  readonly uids: ReadonlyMap<string, string>;
  /** To the byte: all of what is none of ours, and all of others on what is. */
  readonly foreign: JsonObject;
}

export async function outcomeOf(cluster: Cluster): Promise<Outcome> {
  const all = await Promise.all([...OURS, ...WITH_STATUS].map(([apiVersion, kind]) => cluster.list(apiVersion, kind, "media")));
  const strangers = await Promise.all(STRANGERS.map((one) => cluster.get(one)));
  const objects = all.flat();
  const made = objects.filter((object) => isOurs(object));
  const withStatus = objects.filter(({ kind }) => WITH_STATUS.some(([, one]) => one === kind));
  return {
    made: Object.fromEntries([...made, ...withStatus].map((object) => [titleOf(object), timeless(object)] as const).sort(([a], [b]) => byText(a, b))),
    uids: new Map(made.map((object) => [titleOf(object), object.metadata.uid])),
    foreign: {
      ...Object.fromEntries(strangers.map((one, index) => [`stranger ${index}`, one ?? null])),
      ...Object.fromEntries([...made.filter(({ kind }) => kind === "Service"), ...withStatus].map((object) => [titleOf(object), marksOn(object)])),
    },
  };
}

const titleOf = ({ kind, metadata }: Resource): string => `${kind} ${metadata.name}`;

function isOurs({ kind, metadata }: Resource): boolean {
  return OURS.some(([, one]) => one === kind) && textOf(childOf(metadata, "labels"), "stunner.l7mp.io/owned-by") === "stunner";
}

function timeless(object: Resource): Json {
  const { generation } = object.metadata;
  const text = JSON.stringify(object, (key, value: unknown) => {
    if (VOLATILE.has(key)) return undefined;
    if (key === "observedGeneration") return value === generation ? "current" : "stale";
    // Entries come ascending by their time.
    if (key === "managedFields" && Array.isArray(value)) return Object.fromEntries(value.map(entryOf).sort(([a], [b]) => byText(a, b)));
    return value;
  });
  return JSON.parse(text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "uid")) as Json;
}

/** An entry of managedFields by what tells it from others. */
function entryOf({ manager, operation, subresource, ...entry }: { manager?: string; operation?: string; subresource?: string }): [string, object] {
  return [[operation, subresource, "by", manager].join(" "), entry];
}

const isForeign = (value: Json): boolean => JSON.stringify(value).includes("foreign.example");

/** Metadata, conditions and addresses that others have put on an object. */
function marksOn({ kind, metadata, ...object }: Resource): Json {
  const of = (key: string): Json => Object.fromEntries(Object.entries(childOf(metadata, key)).filter(([name]) => isForeign(name)));
  const status = childOf(object, "status");
  return {
    labels: of("labels"),
    annotations: of("annotations"),
    finalizers: metadata["finalizers"] ?? null,
    conditions: listOf(status, "conditions").filter(isObject).filter(isForeign),
    parents: listOf(status, "parents").filter(isForeign),
    loadBalancer: kind === "Service" ? childOf(status, "loadBalancer") : null,
  };
}

/** Where one value differs from another, in paths. */
export function differences(path: string, now: unknown, wanted: unknown): string[] {
  if (JSON.stringify(now) === JSON.stringify(wanted)) return [];
  if (!isObject(now) || !isObject(wanted)) return [`${path} is ${JSON.stringify(now)}, not ${JSON.stringify(wanted)}`];
  const keys = new Set([...Object.keys(now), ...Object.keys(wanted)]);
  return [...keys].flatMap((key) => differences(`${path} ${key}`, now[key], wanted[key]));
}
