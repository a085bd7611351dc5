import * as z from "zod/mini";
import { isObject } from "../apply/json.ts";
import type { Change, Operation } from "./change.ts";
import { type Decoded, refuseField } from "./decoded.ts";
import { type KnownKind, knownResource } from "./known-kinds.ts";
import { factsOf, toldBy, versionOf } from "./object-facts.ts";

const eventSchema = z.looseObject({
  stage: z.string(),
  verb: z.string(),
  requestURI: z.optional(z.string()),
  user: z.optional(z.looseObject({ username: z.optional(z.string()) })),
  objectRef: z.optional(
    z.nullable(
      z.looseObject({
        resource: z.optional(z.string()),
        namespace: z.optional(z.string()),
        name: z.optional(z.string()),
        uid: z.optional(z.string()),
        apiGroup: z.optional(z.string()),
        apiVersion: z.optional(z.string()),
        subresource: z.optional(z.string()),
      }),
    ),
  ),
  responseStatus: z.optional(z.nullable(z.looseObject({ code: z.optional(z.number()) }))),
  responseObject: z.optional(z.unknown()),
});
type AuditEvent = z.infer<typeof eventSchema>;

const listSchema = z.looseObject({ items: z.array(eventSchema) });

const VERBS: ReadonlyMap<string, Operation> = new Map([
  ["create", "create"],
  ["update", "update"],
  ["patch", "update"],
  ["delete", "delete"],
  ["deletecollection", "delete"],
]);
/** Others, such as `services/proxy`, write nothing that is read here. */
const SUBRESOURCES: ReadonlySet<string> = new Set(["", "status", "scale"]);

/** The controller's user, with and without accounts of their own for the controllers of kube-controller-manager. */
const SLICE_CONTROLLERS: ReadonlySet<string> = new Set([
  "system:serviceaccount:kube-system:endpointslice-controller",
  "system:kube-controller-manager",
]);

/**
 * Decodes an EventList of audit.k8s.io/v1, as an API server's audit webhook sends it, or a single Event. The level
 * Metadata is enough: objects that a higher level adds are used, never needed.
 */
export function decodeAudit(body: unknown): Decoded {
  const parsed = listSchema.safeParse(isObject(body) && body["kind"] === "Event" ? { items: [body] } : body);
  if (!parsed.success) return refuseField("EventList of audit.k8s.io/v1", parsed.error);
  return { changes: parsed.data.items.map(changeOf).filter((one) => one !== undefined) };
}

/** Undefined for what is no write that was carried out, or of nothing that is read here. */
function changeOf(event: AuditEvent): Change | undefined {
  const { objectRef, verb, requestURI = "" } = event;
  const { resource = "", apiGroup = "", apiVersion = "v1", subresource = "" } = objectRef ?? {};
  const known = knownResource(apiGroup, resource);
  const operation = VERBS.get(verb);
  if (!known || !operation || !SUBRESOURCES.has(subresource) || !isCarriedOut(event)) return undefined;
  const query = new URLSearchParams(requestURI.split("?")[1]);
  if (query.has("dryRun")) return undefined;
  const manager = query.get("fieldManager");
  const facts = writtenObject(event, known, subresource);
  const namespace = objectRef?.namespace || facts?.namespace;
  return {
    group: known.group,
    kind: known.kind,
    apiVersion: apiGroup === "" ? apiVersion : `${apiGroup}/${apiVersion}`,
    ...(known.namespaced && namespace ? { namespace } : {}),
    name: objectRef?.name || facts?.name || "",
    operation: event.responseStatus?.code === 201 && operation === "update" ? "create" : operation,
    ...(subresource === "" ? {} : { subresource }),
    ...(manager ? { manager } : {}),
    ...(objectRef?.uid ? { uid: objectRef.uid } : {}),
    ...versionOf(facts),
    ...(facts ? toldBy(known, [facts]) : {}),
    ...(isGenerated(event, known) ? { nameIsGenerated: true } : {}),
  };
}

function isCarriedOut({ stage, responseStatus }: AuditEvent): boolean {
  const code = responseStatus?.code ?? 200;
  return stage === "ResponseComplete" && code >= 200 && code < 300;
}

/** The object after the write; a deletion answers with a Status or with the object, a list of deletions with a list. */
function writtenObject({ responseObject }: AuditEvent, { kind }: KnownKind, subresource: string) {
  const isWritten = isObject(responseObject) && responseObject["kind"] === kind && subresource !== "scale";
  return isWritten ? factsOf(responseObject) : undefined;
}

function isGenerated({ user }: AuditEvent, { kind }: KnownKind): boolean {
  return kind === "EndpointSlice" && SLICE_CONTROLLERS.has(user?.username ?? "");
}
