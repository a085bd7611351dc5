import * as z from "zod/mini";
import { type Judge, NOTHING_TO_SAY, type Verdict } from "../admission/verdict.ts";
import { isObject, type JsonObject, sameJson } from "../apply/json.ts";
import type { Change, Operation, Visible } from "./change.ts";
import { type Accepted, type Decoded, refuseField } from "./decoded.ts";
import { knownResource } from "./known-kinds.ts";
import { factsOf, type ObjectFacts, toldBy, versionOf } from "./object-facts.ts";

const requestSchema = z.looseObject({
  uid: z.string().check(z.minLength(1)),
  // The kind of a write to `deployments/scale` is Scale; the resource tells what was written.
  resource: z.looseObject({ group: z.string(), version: z.string(), resource: z.string() }),
  subResource: z.optional(z.string()),
  name: z.optional(z.string()),
  namespace: z.optional(z.string()),
  operation: z.string(),
  dryRun: z.optional(z.nullable(z.boolean())),
  object: z.optional(z.unknown()),
  oldObject: z.optional(z.unknown()),
  options: z.optional(z.nullable(z.looseObject({ fieldManager: z.optional(z.string()) }))),
});
type AdmissionRequest = z.infer<typeof requestSchema>;

const reviewSchema = z.looseObject({ request: requestSchema });

const OPERATIONS: ReadonlyMap<string, Operation> = new Map([["CREATE", "create"], ["UPDATE", "update"], ["DELETE", "delete"]]);
const SUBRESOURCES: ReadonlySet<string> = new Set(["", "status", "scale"]);

/**
 * Decodes an AdmissionReview of admission.k8s.io/v1.
 * @param judge what it thinks of the write is the answer; without one everything is allowed
 */
export function decodeAdmission(review: unknown, judge?: Judge): Decoded {
  const parsed = reviewSchema.safeParse(review);
  if (!parsed.success) return refuseField("AdmissionReview", parsed.error);
  const { request } = parsed.data;
  const verdict = judge ? verdictOn(request, judge) : NOTHING_TO_SAY;
  // What is refused will never be there to be seen.
  const change = verdict.allowed ? changeOf(request) : undefined;
  return { changes: change ? [change] : [], answer: answerWith(request.uid, verdict) };
}

function verdictOn({ resource: asked, subResource, operation, dryRun, object, oldObject }: AdmissionRequest, judge: Judge): Verdict {
  const known = knownResource(asked.group, asked.resource);
  if (!known || subResource || !isJudgedOperation(operation)) return NOTHING_TO_SAY;
  return judge({ group: known.group, kind: known.kind, operation, dryRun: dryRun === true, object, oldObject });
}

function isJudgedOperation(operation: string): operation is "CREATE" | "UPDATE" | "DELETE" {
  return OPERATIONS.has(operation);
}

function answerWith(uid: string, { allowed, warnings, message }: Verdict): Accepted["answer"] {
  const response = {
    uid,
    allowed,
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(allowed ? {} : { status: { code: 422, reason: "Invalid", message: message ?? "" } }),
  };
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response };
}

/** Undefined where nothing will be written, or nothing that is read here. */
function changeOf(request: AdmissionRequest): Change | undefined {
  const { resource: asked, subResource = "", dryRun, options } = request;
  const known = knownResource(asked.group, asked.resource);
  const operation = OPERATIONS.get(request.operation);
  if (!known || !operation || dryRun === true || !SUBRESOURCES.has(subResource)) return undefined;
  if (operation === "update" && isNoChange(request)) return undefined;
  const before = factsOf(request.oldObject);
  const after = factsOf(request.object);
  const object = after ?? before;
  // The version that it has is the one before the write.
  const { resourceVersion: _before, ...version } = versionOf(object);
  const namespace = request.namespace || object?.namespace;
  return {
    group: known.group,
    kind: known.kind,
    apiVersion: asked.group === "" ? asked.version : `${asked.group}/${asked.version}`,
    ...(known.namespaced && namespace ? { namespace } : {}),
    name: request.name || object?.name || "",
    operation,
    ...(subResource === "" ? {} : { subresource: subResource }),
    ...(options?.fieldManager ? { manager: options.fieldManager } : {}),
    ...version,
    // A Scale has the name and version of what it scales, and not its labels.
    ...(subResource === "scale" ? {} : toldBy(known, complete(operation, before, after))),
    visible: visibleWhen(operation, before, after),
  };
}

/** Controllers write what is there already; the API server stores nothing then, so there would be nothing to wait for. */
function isNoChange({ object, oldObject }: AdmissionRequest): boolean {
  if (!isObject(object) || !isObject(oldObject)) return false;
  return sameJson(withoutManagedFields(object), withoutManagedFields(oldObject));
}

function withoutManagedFields({ metadata, ...rest }: JsonObject): JsonObject {
  return { ...rest, metadata: isObject(metadata) ? { ...metadata, managedFields: undefined } : metadata };
}

/** The states that the event must hold to say anything: of an update both. */
function complete(operation: Operation, before: ObjectFacts | undefined, after: ObjectFacts | undefined): ObjectFacts[] {
  const states = [before, after].filter((one) => one !== undefined);
  return operation === "update" && states.length < 2 ? [] : states;
}

function visibleWhen(operation: Operation, before: ObjectFacts | undefined, after: ObjectFacts | undefined): Visible {
  if (operation === "create") return { until: "created", ...(after?.uid ? { uid: after.uid } : {}) };
  if (operation === "delete") return { until: "deleted", ...(before?.uid ? { uid: before.uid } : {}) };
  const generation = after?.generation === before?.generation ? undefined : after?.generation;
  if (generation !== undefined) return { until: "updated", generation };
  return { until: "updated", ...(before?.resourceVersion ? { resourceVersion: before.resourceVersion } : {}) };
}
