import * as z from "zod/mini";
import type { Change, Operation } from "./change.ts";
import { decodeGkeAudit } from "./decode-gke-audit.ts";
import { decodePush } from "./decode-pubsub.ts";
import { type Accepted, type Decoded, isRefusal, refuse, refuseField } from "./decoded.ts";
import { knownObject } from "./known-kinds.ts";
import { factsOf, toldBy, versionOf } from "./object-facts.ts";

/** What of a CloudEvent is used, in whatever mode it came. */
export interface CloudEvent {
  readonly type: string;
  readonly data: unknown;
}

/** The types of Knative's ApiServerSource: `resource` events hold the object, `ref` events a reference to it. */
const TYPES: ReadonlyMap<string, { readonly operation: Operation; readonly holds: "object" | "reference" }> = new Map([
  ["dev.knative.apiserver.resource.add", { operation: "create", holds: "object" }],
  ["dev.knative.apiserver.resource.update", { operation: "update", holds: "object" }],
  ["dev.knative.apiserver.resource.delete", { operation: "delete", holds: "object" }],
  ["dev.knative.apiserver.ref.add", { operation: "create", holds: "reference" }],
  ["dev.knative.apiserver.ref.update", { operation: "update", holds: "reference" }],
  ["dev.knative.apiserver.ref.delete", { operation: "delete", holds: "reference" }],
]);

const structuredSchema = z.looseObject({ specversion: z.string(), type: z.string(), data: z.optional(z.unknown()), data_base64: z.optional(z.string()) });

const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) });

const referenceSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.optional(z.string()),
  uid: z.optional(z.string()),
  resourceVersion: z.optional(z.string()),
});

/** Of a kind that nothing reads. */
const NOTHING: Accepted = { changes: [] };

/** Decodes CloudEvents in structured mode: one, or a batch. */
export function decodeStructured(body: unknown): Decoded {
  const decoded = (Array.isArray(body) ? body : [body]).map(decodeOne);
  const refusal = decoded.find(isRefusal);
  return refusal ?? { changes: decoded.flatMap((one) => (isRefusal(one) ? [] : one.changes)) };
}

function decodeOne(body: unknown): Decoded {
  const parsed = structuredSchema.safeParse(body);
  if (!parsed.success) return refuseField("CloudEvent", parsed.error);
  const { type, data, data_base64: base64 } = parsed.data;
  return decodeCloudEvent({ type, data: base64 === undefined ? data : parse(Buffer.from(base64, "base64").toString()) });
}

/** What Eventarc sends: messages of Pub/Sub, and entries of audit logs. */
const OF_EVENTARC: ReadonlyMap<string, (data: unknown) => Decoded> = new Map([
  ["google.cloud.pubsub.topic.v1.messagePublished", decodePush],
  ["google.cloud.audit.log.v1.written", decodeGkeAudit],
]);

/** Decodes a CloudEvent of Knative's ApiServerSource, or of Eventarc. */
export function decodeCloudEvent({ type, data }: CloudEvent): Decoded {
  const ofEventarc = OF_EVENTARC.get(type);
  if (ofEventarc) return ofEventarc(data);
  const meaning = TYPES.get(type);
  if (!meaning) return refuse(422, "UnknownEvent", "CloudEvent: type: accepted are dev.knative.apiserver.resource.* and .ref.* of add, update, delete; and google.cloud.pubsub.topic.v1.messagePublished, google.cloud.audit.log.v1.written");
  return meaning.holds === "object" ? ofObject(data, meaning.operation) : ofReference(data, meaning.operation);
}

function ofObject(data: unknown, operation: Operation): Decoded {
  const parsed = objectSchema.safeParse(data);
  if (!parsed.success) return refuseField("CloudEvent data", parsed.error);
  const { apiVersion, kind, metadata } = parsed.data;
  const known = knownObject(apiVersion, kind);
  const facts = factsOf(data);
  if (!known || !facts) return NOTHING;
  const change: Change = {
    group: known.group,
    kind,
    apiVersion,
    ...(known.namespaced && facts.namespace ? { namespace: facts.namespace } : {}),
    name: metadata.name,
    operation,
    ...versionOf(facts),
    ...toldBy(known, [facts]),
  };
  return { changes: [change] };
}

function ofReference(data: unknown, operation: Operation): Decoded {
  const parsed = referenceSchema.safeParse(data);
  if (!parsed.success) return refuseField("CloudEvent data", parsed.error);
  const { apiVersion, kind, name, namespace, uid, resourceVersion } = parsed.data;
  const known = knownObject(apiVersion, kind);
  if (!known) return NOTHING;
  const change: Change = {
    group: known.group,
    kind,
    apiVersion,
    ...(known.namespaced && namespace ? { namespace } : {}),
    name,
    operation,
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  };
  return { changes: [change] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
