import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Change } from "../../shared/events/change.ts";
import { decodeEvent, isReadable, MAX_EVENT_BYTES } from "../../shared/events/decode.ts";
import { isRefusal, type Accepted, type Decoded } from "../../shared/events/decoded.ts";

/** What a kube-apiserver 1.36 sent, and wrote to its audit log at the level Metadata. */
const recorded = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, "events/recorded", `${name}.json`), "utf8"));
const REVIEWS = recorded("reviews") as Record<string, { request: Record<string, unknown> }>;
const AUDIT = recorded("audit") as { items: Record<string, unknown>[] };

function decode(body: unknown, headers: Record<string, string> = {}): Decoded {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return decodeEvent({ headers: { "content-type": "application/json", ...headers }, body: bytes });
}

function accepted(body: unknown, headers: Record<string, string> = {}): Accepted {
  const decoded = decode(body, headers);
  if (isRefusal(decoded)) throw new Error(JSON.stringify(decoded));
  return decoded;
}

function review(name: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const whole = REVIEWS[name];
  if (!whole) throw new Error(`no review ${name}`);
  return { ...whole, request: { ...whole.request, ...changes } };
}

const UID = "69a9e325-2cb1-4a8c-b17e-ef1dd9e76e79";
const GATEWAY = { group: "gateway.networking.k8s.io", kind: "Gateway", apiVersion: "gateway.networking.k8s.io/v1", namespace: "media", name: "gw", uid: UID };

const node = (address: string) => ({ metadata: { name: "n" }, status: { addresses: [{ type: "ExternalIP", address }], images: [] } });

describe("AdmissionReview", () => {
  it("is allowed, with its own uid, whatever it asks for", () => {
    for (const [name, { request }] of Object.entries(REVIEWS)) {
      expect([name, accepted(review(name)).answer]).toEqual([
        name,
        { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid: request["uid"], allowed: true } },
      ]);
    }
  });

  it("of a new object tells its UID, by which it will be seen", () => {
    expect(accepted(review("gateway-create")).changes).toEqual([
      { ...GATEWAY, operation: "create", manager: "kubectl-create", generation: 1, labels: [{}], classes: ["stunner"], visible: { until: "created", uid: UID } },
    ]);
  });

  it("of an update without a new generation waits for another version than the one before", () => {
    expect(accepted(review("gateway-label")).changes).toEqual([
      {
        ...GATEWAY, operation: "update", generation: 1, labels: [{}, { team: "media" }], classes: ["stunner", "stunner"],
        visible: { until: "updated", resourceVersion: "236" },
      },
    ]);
  });

  it("of an update with a new generation waits for that", () => {
    expect(accepted(review("gateway-class")).changes).toEqual([
      {
        ...GATEWAY, operation: "update", generation: 2, labels: [{ team: "media" }, { team: "media" }], classes: ["stunner", "nginx"],
        visible: { until: "updated", generation: 2 },
      },
    ]);
  });

  it("of a deletion tells what is deleted", () => {
    expect(accepted(review("gateway-delete")).changes).toEqual([
      {
        ...GATEWAY, operation: "delete", generation: 2, labels: [{ team: "media" }], classes: ["nginx"],
        visible: { until: "deleted", uid: UID },
      },
    ]);
  });

  it("of a status tells who wrote it", () => {
    expect(accepted(review("gateway-status")).changes).toMatchObject([{ operation: "update", subresource: "status", manager: "stunner-serverless" }]);
    expect(accepted(review("service-status")).changes).toMatchObject([
      { kind: "Service", name: "gw", subresource: "status", labels: [{ "stunner.l7mp.io/owned-by": "stunner" }, { "stunner.l7mp.io/owned-by": "stunner" }] },
    ]);
  });

  it("tells each object that a deletion of many deletes, by the label that counts", () => {
    expect(accepted(review("slices-deleted")).changes).toMatchObject([
      { group: "discovery.k8s.io", kind: "EndpointSlice", namespace: "media", name: "livekit-gdpbz", operation: "delete", labels: [{ "kubernetes.io/service-name": "livekit" }] },
    ]);
    expect(accepted(review("slice-generated")).changes).toMatchObject([{ name: "livekit-gdpbz", operation: "create" }]);
  });

  it("of a scale tells the workload, and nothing of its labels", () => {
    const [change] = accepted(review("deployment-scale")).changes;
    expect(change).toEqual({
      group: "apps", kind: "Deployment", apiVersion: "apps/v1", namespace: "media", name: "gw", operation: "update", subresource: "scale",
      uid: "64fe4c94-f120-40d9-b09f-a3dbdf92dd39", visible: { until: "updated", resourceVersion: "246" },
    });
  });

  it.each(["gateway-dry-run", "service-proxy"])("%s changes nothing", (name) => {
    expect(accepted(review(name)).changes).toEqual([]);
  });

  it("of something that nothing reads, or of an unknown operation, changes nothing", () => {
    const resource = { group: "batch", version: "v1", resource: "jobs" };
    expect(accepted(review("gateway-create", { resource })).changes).toEqual([]);
    expect(accepted(review("gateway-create", { operation: "CONNECT" })).changes).toEqual([]);
    expect(accepted(review("gateway-create", { operation: "constructor" })).changes).toEqual([]);
    expect(accepted(review("gateway-status", { subResource: "finalize" })).changes).toEqual([]);
  });

  it("of an update that writes what is there already changes nothing", () => {
    const { object } = (review("gateway-label")["request"] ?? {}) as { object: { metadata: object } };
    const touched = { ...object, metadata: { ...object.metadata, managedFields: [{ manager: "other", time: "2025-01-01T00:00:00Z" }] } };
    expect(accepted(review("gateway-label", { oldObject: touched })).changes).toEqual([]);
    expect(accepted(review("gateway-label", { oldObject: { ...touched, spec: {} } })).changes).toHaveLength(1);
  });

  it("without its objects is a change of which nothing more is told", () => {
    const [change] = accepted(review("gateway-class", { object: null, oldObject: null })).changes;
    expect(change).toEqual({ ...withoutUid(GATEWAY), operation: "update", visible: { until: "updated" } });
    const [partly] = accepted(review("gateway-class", { oldObject: null })).changes;
    expect(partly).toMatchObject({ visible: { until: "updated", generation: 2 } });
    expect(partly).not.toHaveProperty("labels");
  });

  it("of cluster-scoped kinds has no namespace", () => {
    const resource = { group: "gateway.networking.k8s.io", version: "v1beta1", resource: "gatewayclasses" };
    const object = { metadata: { name: "stunner", uid: "u" }, spec: { controllerName: "example.org/other" } };
    const body = review("gateway-create", { resource, object, name: "stunner", namespace: "" });
    expect(accepted(body).changes).toMatchObject([{ kind: "GatewayClass", apiVersion: "gateway.networking.k8s.io/v1beta1", controllers: ["example.org/other"] }]);
    expect(accepted(body).changes[0]).not.toHaveProperty("namespace");
  });

  it("of a Node tells its addresses before and after", () => {
    const resource = { group: "", version: "v1", resource: "nodes" };
    const body = review("gateway-status", { resource, name: "n", namespace: "", object: node("192.0.2.2"), oldObject: node("192.0.2.1") });
    expect(accepted(body).changes).toMatchObject([{ kind: "Node", addresses: ['[["ExternalIP","192.0.2.1"]]', '[["ExternalIP","192.0.2.2"]]'] }]);
  });

  it("that is none is refused, by the field that is wrong", () => {
    expect(decode({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" })).toMatchObject({ status: 422, code: "BadEvent", message: expect.stringMatching(/^AdmissionReview: request: /) });
    expect(decode(review("gateway-create", { uid: "" }))).toMatchObject({ status: 422, message: expect.stringMatching(/request\.uid/) });
  });
});

const item = (at: number, more: Record<string, unknown> = {}): Record<string, unknown> => ({ ...AUDIT.items[at], ...more });
const list = (...items: unknown[]): unknown => ({ kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: {}, items });
const of = (verb: string, resource: string): Record<string, unknown> => {
  const found = AUDIT.items.find((one) => one["verb"] === verb && (one["objectRef"] as { resource: string }).resource === resource);
  if (!found) throw new Error(`no ${verb} of ${resource}`);
  return found;
};

describe("audit EventList", () => {

  it("tells the writes that were carried out, and of them what the level Metadata has", () => {
    const told = accepted(AUDIT).changes.map(({ operation, kind, namespace, name, subresource, manager }) => [operation, kind, namespace, name, subresource, manager]);
    expect(told).toEqual([
      ["create", "Gateway", "media", "gw", undefined, "kubectl-create"],
      ["update", "Gateway", "media", "gw", undefined, undefined],
      ["update", "Gateway", "media", "gw", undefined, undefined],
      ["update", "Gateway", "media", "gw", "status", "stunner-serverless"],
      ["create", "EndpointSlice", "media", "livekit-x2vlb", undefined, "test"],
      ["create", "EndpointSlice", "media", "", undefined, undefined],
      ["create", "Service", "media", "gw", undefined, "test"],
      ["update", "Service", "media", "gw", "status", undefined],
      ["create", "Deployment", "media", "gw", undefined, "test"],
      ["update", "Deployment", "media", "gw", "scale", undefined],
      ["delete", "EndpointSlice", "media", "", undefined, undefined],
      ["delete", "Gateway", "media", "gw", undefined, undefined],
      ["delete", "Service", "media", "gw", undefined, undefined],
    ]);
    expect(accepted(AUDIT).changes.every(({ labels, visible }) => labels === undefined && visible === undefined)).toBe(true);
    expect(accepted(AUDIT)).not.toHaveProperty("answer");
  });

  it("uses the object where a higher level adds it", () => {
    const responseObject = { kind: "Gateway", apiVersion: "gateway.networking.k8s.io/v1", metadata: { name: "gw", namespace: "media", uid: "u", resourceVersion: "77", generation: 4, labels: { a: "b" } }, spec: { gatewayClassName: "nginx" } };
    expect(accepted(list({ ...of("patch", "gateways"), responseObject })).changes).toEqual([
      { ...withoutUid(GATEWAY), operation: "update", uid: "u", resourceVersion: "77", generation: 4, labels: [{ a: "b" }], classes: ["nginx"] },
    ]);
    const created = { ...of("create", "endpointslices"), responseObject: { kind: "EndpointSlice", metadata: { name: "livekit-abcde", namespace: "media" } } };
    expect(accepted(list(created)).changes).toMatchObject([{ name: "livekit-abcde", labels: [{}] }]);
  });

  it("does not take the answer to a deletion, or a Scale, for the object", () => {
    const status = { kind: "Status", metadata: {}, status: "Success" };
    expect(accepted(list({ ...of("delete", "gateways"), responseObject: status })).changes[0]).not.toHaveProperty("labels");
    const scale = { ...of("patch", "deployments"), responseObject: { kind: "Deployment", metadata: { name: "gw" } }, objectRef: { ...(of("patch", "deployments")["objectRef"] as object), subresource: "scale" } };
    expect(accepted(list(scale)).changes[0]).not.toHaveProperty("labels");
  });

  it.each([
    ["a stage before the end", { stage: "RequestReceived" }],
    ["a refusal", { responseStatus: { code: 409 } }],
    ["a read", { verb: "get" }],
    ["a verb of no API server", { verb: "constructor" }],
    ["no object", { objectRef: null }],
    ["a proxied request", { objectRef: { resource: "services", apiVersion: "v1", namespace: "a", name: "b", subresource: "proxy" } }],
    ["something that nothing reads", { objectRef: { resource: "pods", apiVersion: "v1", namespace: "a", name: "b" } }],
    ["a dry run", { requestURI: "/apis/x?dryRun=All&fieldManager=y" }],
  ])("leaves out %s", (_what, more) => {
    expect(accepted(list(item(0, more))).changes).toEqual([]);
  });

  it("takes an event without a status, and one that is no list", () => {
    expect(accepted(list(item(0, { responseStatus: undefined }))).changes).toHaveLength(1);
    expect(accepted({ ...item(0), kind: "Event", apiVersion: "audit.k8s.io/v1" }).changes).toHaveLength(1);
  });

  it("knows the names that the slice controller generates", () => {
    const written = of("patch", "endpointslices");
    const [byController] = accepted(list({ ...written, user: { username: "system:serviceaccount:kube-system:endpointslice-controller" } })).changes;
    expect(byController).toMatchObject({ nameIsGenerated: true });
    expect(accepted(list({ ...written, user: { username: "alice" } })).changes[0]).not.toHaveProperty("nameIsGenerated");
  });

  it("that is none is refused", () => {
    expect(decode({ apiVersion: "audit.k8s.io/v1", kind: "EventList", items: [{ verb: "create" }] })).toMatchObject({ status: 422, message: expect.stringMatching(/items\.0\.stage/) });
  });
});

const binary = (type: string): Record<string, string> => ({ "ce-specversion": "1.0", "ce-id": "1", "ce-source": "x", "ce-type": type });

describe("CloudEvents of Knative's ApiServerSource", () => {
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "livekit", namespace: "media", uid: "u", resourceVersion: "9", labels: { a: "b" } }, spec: {} };
  const told: Change = {
    group: "", kind: "Service", apiVersion: "v1", namespace: "media", name: "livekit", operation: "update", uid: "u", resourceVersion: "9", labels: [{ a: "b" }],
  };
  const attributes = { specversion: "1.0", id: "1", source: "https://10.0.0.1:443", subject: "/apis/v1/namespaces/media/services/livekit" };
  const structured = { "content-type": "application/cloudevents+json; charset=utf-8" };

  it.each([["add", "create"], ["update", "update"], ["delete", "delete"]])("resource.%s in binary and structured mode", (verb, operation) => {
    const type = `dev.knative.apiserver.resource.${verb}`;
    expect(accepted(service, binary(type)).changes).toEqual([{ ...told, operation }]);
    expect(accepted({ ...attributes, type, data: service }, structured).changes).toEqual([{ ...told, operation }]);
    const base64 = Buffer.from(JSON.stringify(service)).toString("base64");
    expect(accepted({ ...attributes, type, data_base64: base64 }, structured).changes).toEqual([{ ...told, operation }]);
  });

  it.each([["add", "create"], ["update", "update"], ["delete", "delete"]])("ref.%s, of which no more than the name is told", (verb, operation) => {
    const data = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", namespace: "media", name: "livekit-abcde" };
    const change = { group: "discovery.k8s.io", kind: "EndpointSlice", apiVersion: "discovery.k8s.io/v1", namespace: "media", name: "livekit-abcde", operation };
    expect(accepted(data, binary(`dev.knative.apiserver.ref.${verb}`)).changes).toEqual([change]);
    const full = { ...data, uid: "u", resourceVersion: "5" };
    expect(accepted({ ...attributes, type: `dev.knative.apiserver.ref.${verb}`, data: full }).changes).toEqual([{ ...change, uid: "u", resourceVersion: "5" }]);
  });

  it("comes in batches too", () => {
    const one = { ...attributes, type: "dev.knative.apiserver.resource.update", data: service };
    const batch = { "content-type": "application/cloudevents-batch+json" };
    expect(accepted([one, one], batch).changes).toEqual([told, told]);
    expect(decode([one, { ...one, type: "other" }], batch)).toMatchObject({ status: 422, code: "UnknownEvent" });
  });

  it("of kinds that nothing reads changes nothing", () => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "media" } };
    expect(accepted(pod, binary("dev.knative.apiserver.resource.add")).changes).toEqual([]);
    expect(accepted({ apiVersion: "v1", kind: "Pod", name: "p" }, binary("dev.knative.apiserver.ref.add")).changes).toEqual([]);
  });

  it("of another type, or without an object, is refused", () => {
    expect(decode(service, binary("dev.knative.apiserver.resource.patch"))).toMatchObject({ status: 422, code: "UnknownEvent" });
    expect(decode(service, binary("constructor"))).toMatchObject({ status: 422, code: "UnknownEvent" });
    expect(decode({}, binary("dev.knative.apiserver.resource.add"))).toMatchObject({ status: 422, code: "BadEvent" });
    expect(decode({ kind: "Pod" }, binary("dev.knative.apiserver.ref.add"))).toMatchObject({ status: 422, code: "BadEvent" });
    expect(decode({ ...attributes, type: "dev.knative.apiserver.ref.add", data_base64: "!" }, structured)).toMatchObject({ status: 422, code: "BadEvent" });
    expect(decode({ data: service }, structured)).toMatchObject({ status: 422, message: expect.stringMatching(/^CloudEvent: specversion/) });
  });
});

describe("anything else", () => {
  it.each([
    ["a content type that is no JSON", "{}", { "content-type": "text/plain" }, 415, "BadContentType"],
    ["no content type", "{}", { "content-type": "" }, 415, "BadContentType"],
    ["a compressed body", "{}", { "content-encoding": "gzip" }, 415, "BadContentType"],
    ["no JSON", "{", {}, 400, "NotJson"],
    ["nothing", "", {}, 400, "NotJson"],
    ["a body as deep as a well", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, {}, 400, "NotJson"],
    ["another object", { apiVersion: "v1", kind: "Pod" }, {}, 422, "UnknownEvent"],
    ["no object", "null", {}, 422, "UnknownEvent"],
    ["a kind that is no text", { apiVersion: { toString: 1 }, kind: { toString: 1 } }, {}, 422, "UnknownEvent"],
    ["an older AdmissionReview", { apiVersion: "admission.k8s.io/v1beta1", kind: "AdmissionReview" }, {}, 422, "UnknownEvent"],
  ])("%s is refused", (_what, body, headers, status, code) => {
    expect(decode(body, headers as Record<string, string>)).toMatchObject({ status, code });
  });

  it("that is too large is refused", () => {
    const body = Buffer.alloc(MAX_EVENT_BYTES + 1, 0x20);
    expect(decodeEvent({ headers: { "content-type": "application/json" }, body })).toMatchObject({ status: 413, code: "TooLarge" });
  });

  it("may be refused by its headers alone", () => {
    expect(isReadable({ "content-type": "Application/JSON; charset=utf-8" })).toBe(true);
    expect(isReadable({ "content-type": "application/json", "content-encoding": "identity" })).toBe(true);
    expect(isReadable({})).toBe(false);
  });
});

function withoutUid({ uid: _uid, ...rest }: typeof GATEWAY): Omit<typeof GATEWAY, "uid"> {
  return rest;
}
