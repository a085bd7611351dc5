import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Change, Operation } from "../../shared/events/change.ts";
import { decodeAdmission } from "../../shared/events/decode-admission.ts";
import { decodeEvent } from "../../shared/events/decode.ts";
import { isRefusal } from "../../shared/events/decoded.ts";
import { refsOf } from "../../shared/events/refs.ts";
import { isRelevant } from "../../shared/events/relevance.ts";
import { createKnownObjects } from "../../shared/events/watch/known-objects.ts";
import { targetsOf } from "../../shared/events/watch/targets.ts";
import { render } from "../../shared/render/render.ts";
import type { RenderOptions } from "../../shared/render/result.ts";
import { KINDS, kindOf } from "../../shared/resources/kinds.ts";
import { findReferences } from "../../shared/state/live/references.ts";
import { anyCase, type Case } from "../support/arbitraries/case.ts";
import { clusterObjects } from "../support/arbitraries/cluster.ts";
import { admit, stateOf } from "../support/state.ts";
import { childOf, isObject, textOf, type JsonObject } from "../support/json.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";
import { resultText } from "../support/result-text.ts";

const served = new Map(KINDS.map((info) => [info, info.apiVersion]));

/** One write to a cluster: what there was, and what there is. */
interface Write {
  readonly operation: Operation;
  readonly before: JsonObject | undefined;
  readonly after: JsonObject | undefined;
}

const identityOf = (object: JsonObject): string => {
  const { namespace = "", name = "" } = childOf(object, "metadata");
  return [textOf(object, "apiVersion").split("/")[0], object["kind"], namespace, name].join("|");
};

/** Deletes an object, puts in one of another cluster, or turns one into what another cluster has under its name. */
function write({ objects }: Case, others: readonly JsonObject[], pick: number): Write {
  const known = new Map(objects.map((object) => [identityOf(object), object]));
  const news = others.filter((object) => !("refused" in admit(object)));
  // What both clusters have is turned from the one into the other; kinds are told apart so that all get their turn.
  const moves: Write[] = [
    ...objects.map((before): Write => ({ operation: "delete", before, after: undefined })),
    ...news.map((after): Write => {
      const before = known.get(identityOf(after));
      return before ? { operation: "update", before, after: rewritten(before, after) } : { operation: "create", before, after };
    }),
    ...objects.flatMap((before) => news.filter(({ kind }) => kind === before["kind"]).map((after): Write => ({ operation: "update", before, after: renamed(before, after) }))),
  ];
  return moves[pick % Math.max(1, moves.length)] ?? { operation: "unknown", before: undefined, after: undefined };
}

/** The API server counts what is written; an object keeps its identity, and nobody else writes in our name. */
function rewritten(before: JsonObject, after: JsonObject): JsonObject {
  const { uid = "u", managedFields } = childOf(before, "metadata");
  const { managedFields: _foreign, ...rest } = childOf(after, "metadata");
  const metadata = { ...rest, uid, generation: 1000, resourceVersion: "1000", ...(managedFields === undefined ? {} : { managedFields }) };
  return { ...after, apiVersion: before["apiVersion"] ?? "", metadata };
}

function renamed(before: JsonObject, after: JsonObject): JsonObject {
  const { name = "", namespace } = childOf(before, "metadata");
  return rewritten(before, { ...after, metadata: { ...childOf(after, "metadata"), name, ...(namespace === undefined ? {} : { namespace }) } });
}

/** What each source tells of it, from everything to hardly anything. */
function told({ operation, before, after }: Write): Record<string, readonly Change[]> {
  const object = after ?? before ?? {};
  const apiVersion = textOf(object, "apiVersion");
  const info = kindOf({ apiVersion, kind: textOf(object, "kind") });
  if (!info) throw new Error(`no kind ${textOf(object, "kind")}`);
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  const { name = "", namespace = "" } = childOf(object, "metadata") as { name?: string; namespace?: string };
  const resource = { group, version, resource: info.plural };
  const review = { request: { uid: "u", resource, name, namespace, operation: operation.toUpperCase(), object: after ?? null, oldObject: before ?? null } };
  const objectRef = { resource: info.plural, apiGroup: group, apiVersion: version, namespace, name };
  const audit = { kind: "Event", apiVersion: "audit.k8s.io/v1", stage: "ResponseComplete", verb: operation, objectRef };
  const verb = operation === "create" ? "add" : operation;
  return {
    admission: changesOf(decodeAdmission(review)),
    audit: sent(audit),
    knative: sent({ specversion: "1.0", type: `dev.knative.apiserver.resource.${verb}`, data: object }),
    reference: sent({ specversion: "1.0", type: `dev.knative.apiserver.ref.${verb}`, data: { apiVersion, kind: info.kind, namespace, name } }),
  };
}

function sent(body: unknown): readonly Change[] {
  return changesOf(decodeEvent({ headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(body)) }));
}

function changesOf(decoded: ReturnType<typeof decodeAdmission>): readonly Change[] {
  if (isRefusal(decoded)) throw new Error(decoded.message);
  return decoded.changes;
}

const versioned = (one: JsonObject | undefined, resourceVersion: string): JsonObject[] =>
  one ? [{ ...one, metadata: { ...childOf(one, "metadata"), resourceVersion } }] : [];

/** What a watch tells that knew the cluster before, where the kind is watched. */
function watched({ before, after }: Write, { state, options }: Case): readonly Change[] | undefined {
  const object = after ?? before ?? {};
  const settings = { ...options, mode: options.mode };
  const references = findReferences(state, options);
  const info = kindOf({ apiVersion: textOf(object, "apiVersion"), kind: textOf(object, "kind") });
  const target = targetsOf(served, references, settings).find(({ kind, labelSelector }) => kind.kind === info?.kind && kind.group === info?.group && !labelSelector);
  if (!target || target.name !== undefined || target.namespace !== undefined) return undefined;
  const known = createKnownObjects(target);
  known.replace(versioned(before, "1").map((one) => (target.whole ? one : { metadata: one["metadata"] ?? {} })));
  return known.replace(versioned(after, "2").map((one) => (target.whole ? one : { metadata: one["metadata"] ?? {} })));
}

/** What a pass would make of a cluster. */
function made(objects: Iterable<JsonObject>, options: RenderOptions): string {
  return resultText(render(stateOf(objects), options));
}

describe("what is dropped", () => {
  it(
    "would not have changed anything, whatever the source of the event",
    () => {
      const dropped: Record<string, number> = {};
      holds([anyCase, clusterObjects, fc.nat()], (given, others, pick) => {
        // A complete pass has let go of what others took over, and published what there was.
        const one = { ...given, state: given.state, options: { ...given.options, published: new Map() } };
        const { state, options, objects } = one;
        const move = write(one, others, pick);
        const changed = move.after ?? move.before;
        if (!changed || (move.after && "refused" in admit(move.after))) return;
        const refs = refsOf(state, findReferences(state, options), options.controllerName);
        const all = [...Object.entries(told(move)), ["watch", watched(move, one)] as const];
        const ignored = all.filter(([, changes]) => changes !== undefined && !changes.some((change) => isRelevant(change, refs, options)));
        if (ignored.length === 0) return;
        const kind = `${move.operation} ${textOf(changed, "kind")}`;
        dropped[kind] = (dropped[kind] ?? 0) + 1;
        const rest = objects.filter((object) => object !== move.before);
        const after = made(move.after ? [...rest, move.after] : rest, options);
        expect(after, `${kind}, dropped from ${ignored.map(([source]) => source).join(", ")}`).toBe(made(objects, options));
      });
      // Else nothing has been shown.
      expect(Object.keys(dropped).length).toBeGreaterThan(8);
    },
    PROPERTY_TIMEOUT,
  );
});

describe("decoding", () => {
  const anyJson = fc.json({ maxDepth: 5 });
  const anyHeaders = fc.record({
    "content-type": fc.constantFrom("application/json", "application/cloudevents+json", "application/cloudevents-batch+json", "text/plain"),
    "ce-type": fc.option(fc.constantFrom("dev.knative.apiserver.resource.add", "dev.knative.apiserver.ref.delete", "toString"), { nil: undefined }),
  });

  it(
    "never throws on any bytes",
    () => {
      holds([anyHeaders, fc.oneof(fc.uint8Array({ maxLength: 200 }), anyJson.map((text) => Buffer.from(text)))], (headers, body) => {
        const decoded = decodeEvent({ headers, body });
        expect(isRefusal(decoded) ? decoded.status : 200).toBeGreaterThanOrEqual(200);
      });
    },
    PROPERTY_TIMEOUT,
  );

  it(
    "never throws on what looks like an event, with anything in any place of it",
    () => {
      const anything = fc.jsonValue({ maxDepth: 3 });
      const object = fc.oneof(anything, fc.record({ metadata: fc.oneof(anything, fc.record({ name: anything, labels: anything, uid: anything })), spec: anything, status: fc.record({ addresses: anything }) }));
      const resource = fc.constantFrom({ group: "", version: "v1", resource: "nodes" }, { group: "gateway.networking.k8s.io", version: "v1", resource: "gateways" });
      const review = fc.record({
        apiVersion: fc.constant("admission.k8s.io/v1"),
        kind: fc.constant("AdmissionReview"),
        request: fc.record({ uid: fc.constant("u"), resource, operation: fc.constantFrom("CREATE", "UPDATE", "DELETE"), name: fc.oneof(fc.string(), fc.constant(undefined)), object, oldObject: object }),
      });
      const event = fc.record({ stage: fc.constant("ResponseComplete"), verb: fc.constantFrom("create", "patch"), requestURI: fc.string(), objectRef: fc.constant({ resource: "gateways", apiGroup: "gateway.networking.k8s.io" }), responseObject: object });
      const audit = fc.record({ apiVersion: fc.constant("audit.k8s.io/v1"), kind: fc.constant("EventList"), items: fc.array(event, { maxLength: 3 }) });
      holds([fc.oneof(review, audit)], (body) => {
        const decoded = decodeEvent({ headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(body)) });
        const changes = isRefusal(decoded) ? [] : decoded.changes;
        expect(changes.every((one) => isObject(JSON.parse(JSON.stringify(one))))).toBe(true);
      });
    },
    PROPERTY_TIMEOUT,
  );
});
