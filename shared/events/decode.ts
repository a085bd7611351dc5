import type { Judge } from "../admission/verdict.ts";
import { isObject } from "../apply/json.ts";
import { isDeep } from "../state/directory/depth.ts";
import { decodeAdmission } from "./decode-admission.ts";
import { decodeAudit } from "./decode-audit.ts";
import { decodeGkeAudit, isLogEntry } from "./decode-gke-audit.ts";
import { decodePush, isPush } from "./decode-pubsub.ts";
import { decodeCloudEvent, decodeStructured } from "./decode-cloud-event.ts";
import { type Decoded, refuse } from "./decoded.ts";

/** An event as HTTP brings it. Names of headers in lower case. */
export interface RawEvent {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Most bytes of an event: an API server stores no object of more than 1.5 MiB, and a review holds two. */
export const MAX_EVENT_BYTES = 3 * 1024 * 1024;

/** Senders, told by `apiVersion` and `kind` of the body. */
const DECODERS: ReadonlyMap<string, (body: unknown, judge?: Judge) => Decoded> = new Map([
  ["admission.k8s.io/v1 AdmissionReview", decodeAdmission],
  ["audit.k8s.io/v1 EventList", decodeAudit],
  ["audit.k8s.io/v1 Event", decodeAudit],
]);

const JSON_TYPES: ReadonlySet<string> = new Set(["application/json", "application/cloudevents+json", "application/cloudevents-batch+json"]);

/** Whether the headers tell of something that `decodeEvent` can read, without looking at the body. */
export function isReadable(headers: RawEvent["headers"]): boolean {
  const encoding = headers["content-encoding"] ?? "identity";
  return JSON_TYPES.has(mediaType(headers)) && encoding === "identity";
}

/**
 * Reads an event of any source of DESIGN.md 4.4, by its content type and shape. Total: what cannot be read is refused
 * with an HTTP status.
 * @param judge of the writes that an admission review asks about
 */
export function decodeEvent({ headers, body }: RawEvent, judge?: Judge): Decoded {
  if (!isReadable(headers)) {
    return refuse(415, "BadContentType", `accepted are ${[...JSON_TYPES].join(", ")}, without content-encoding`);
  }
  if (body.length > MAX_EVENT_BYTES) return refuse(413, "TooLarge", `an event has at most ${MAX_EVENT_BYTES} bytes`);
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  const parsed = parse(text);
  if (parsed === undefined) return refuse(400, "NotJson", "the body is no JSON, or is nested too deeply");
  const type = headers["ce-type"];
  if (mediaType(headers) !== "application/json") return decodeStructured(parsed.value);
  return typeof type === "string" ? decodeCloudEvent({ type, data: parsed.value }) : decodeByShape(parsed.value, judge);
}

function decodeByShape(value: unknown, judge: Judge | undefined): Decoded {
  const { apiVersion, kind, specversion } = isObject(value) ? value : {};
  const shape = typeof apiVersion === "string" && typeof kind === "string" ? `${apiVersion} ${kind}` : "";
  const decoder = DECODERS.get(shape) ?? (specversion === undefined ? ofGoogle(value) : decodeStructured);
  return decoder?.(value, judge) ?? refuse(422, "UnknownEvent", `apiVersion and kind: accepted are ${[...DECODERS.keys()].join(", ")}; and CloudEvents, Pub/Sub messages and audit log entries of GKE`);
}

/** What Google Cloud sends has no kind. */
function ofGoogle(value: unknown): ((body: unknown) => Decoded) | undefined {
  if (!isObject(value)) return undefined;
  return isPush(value) ? decodePush : isLogEntry(value) ? decodeGkeAudit : undefined;
}

function mediaType(headers: RawEvent["headers"]): string {
  const value = headers["content-type"];
  return typeof value === "string" ? (value.split(";")[0] ?? "").trim().toLowerCase() : "";
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isDeep(text) ? undefined : { value };
  } catch {
    return undefined;
  }
}
