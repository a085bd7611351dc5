import { describe, expect, it } from "vitest";
import { decodeEvent } from "../../shared/events/decode.ts";
import type { Decoded } from "../../shared/events/decoded.ts";

function decode(body: unknown, headers: Record<string, string> = {}): Decoded {
  return decodeEvent({ headers: { "content-type": "application/json", ...headers }, body: Buffer.from(JSON.stringify(body)) });
}

/** A LogEntry as Cloud Logging exports it of a GKE cluster (GKE, "Audit logging"). */
function entry(resourceName: string, methodName: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    insertId: "5a3a3498-e69a-47f5-a02d-67bcc8f9efae",
    logName: "projects/media-prod/logs/cloudaudit.googleapis.com%2Factivity",
    operation: { first: true, id: "5a3a3498-e69a-47f5-a02d-67bcc8f9efae", last: true, producer: "k8s.io" },
    protoPayload: {
      "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
      authenticationInfo: { principalEmail: "someone@example.com" },
      authorizationInfo: [{ granted: true, permission: methodName, resource: resourceName }],
      methodName,
      requestMetadata: { callerIp: "203.0.113.7", callerSuppliedUserAgent: "kubectl/v1.36.3 (linux/amd64) kubernetes/0000000" },
      resourceName,
      serviceName: "k8s.io",
      status: {},
      ...more,
    },
    receiveTimestamp: "2026-11-21T04:12:31.019068723Z",
    resource: { labels: { cluster_name: "prod", location: "europe-west1", project_id: "media-prod" }, type: "k8s_cluster" },
    timestamp: "2026-11-21T04:12:28.561336Z",
  };
}

/** What a push subscription posts (Pub/Sub, "Receive push messages"). */
function push(data: unknown): Record<string, unknown> {
  const message = { data: Buffer.from(JSON.stringify(data)).toString("base64"), messageId: "2070443601311540", publishTime: "2026-11-21T04:12:31.2Z", attributes: {} };
  return { message, subscription: "projects/media-prod/subscriptions/stunner-audit" };
}

const CREATED = entry("gateway.networking.k8s.io/v1/namespaces/media/gateways/gw", "io.k8s.networking.gateway.v1.gateways.create");
const GATEWAY = { group: "gateway.networking.k8s.io", kind: "Gateway", apiVersion: "gateway.networking.k8s.io/v1", namespace: "media", name: "gw" };

describe("an audit log entry of GKE", () => {
  it("tells what was written by the name of the resource", () => {
    expect(decode(CREATED)).toEqual({ changes: [{ ...GATEWAY, operation: "create" }] });
  });

  it.each([
    ["core/v1/namespaces/media/services/gw/status", "io.k8s.core.v1.services.status.patch", { group: "", kind: "Service", namespace: "media", name: "gw", operation: "update", subresource: "status" }],
    ["gateway.networking.k8s.io/v1/gatewayclasses/stunner", "io.k8s.networking.gateway.v1.gatewayclasses.update", { kind: "GatewayClass", name: "stunner", operation: "update" }],
    ["core/v1/namespaces/media", "io.k8s.core.v1.namespaces.patch", { kind: "Namespace", name: "media", operation: "update" }],
    ["core/v1/namespaces/media/status", "io.k8s.core.v1.namespaces.status.update", { kind: "Namespace", name: "media", subresource: "status" }],
    ["stunner.l7mp.io/v1/namespaces/media/udproutes", "io.l7mp.stunner.v1.udproutes.deletecollection", { kind: "UDPRoute", namespace: "media", name: "", operation: "delete" }],
    ["discovery.k8s.io/v1/namespaces/media/endpointslices/a-x2x", "io.k8s.discovery.v1.endpointslices.delete", { kind: "EndpointSlice", name: "a-x2x", operation: "delete" }],
  ])("%s, %s", (resourceName, methodName, change) => {
    expect(decode(entry(resourceName, methodName))).toMatchObject({ changes: [change] });
  });

  it("uses the object where the log has it", () => {
    const response = { "@type": "gateway.networking.k8s.io/v1.Gateway", kind: "Gateway", metadata: { name: "gw", namespace: "media", generation: 2, resourceVersion: "77" } };
    const { resourceName, methodName } = CREATED["protoPayload"] as { resourceName: string; methodName: string };
    expect(decode(entry(resourceName, methodName, { response }))).toMatchObject({ changes: [{ ...GATEWAY, generation: 2, resourceVersion: "77" }] });
  });

  it.each([
    ["a read", entry("core/v1/namespaces/media/services/gw", "io.k8s.core.v1.services.get")],
    ["a write that was refused", entry("core/v1/namespaces/media/services/gw", "io.k8s.core.v1.services.update", { status: { code: 7, message: "Forbidden" } })],
    ["a kind that nothing reads", entry("coordination.k8s.io/v1/namespaces/kube-system/leases/x", "io.k8s.coordination.v1.leases.update")],
    ["another service", entry("projects/p/zones/z/clusters/c", "google.container.v1.ClusterManager.UpdateCluster", { serviceName: "container.googleapis.com" })],
    ["a name without a resource", entry("core/v1", "io.k8s.core.v1.services.update")],
    ["no name", { protoPayload: {} }],
  ])("says nothing of %s", (_, body) => {
    expect(decode(body)).toEqual({ changes: [] });
  });

  it("is refused where a field has another type", () => {
    expect(decode({ protoPayload: { methodName: 1 } })).toMatchObject({ status: 422, code: "BadEvent" });
  });
});

describe("ways of an entry", () => {
  const told = { changes: [{ ...GATEWAY, operation: "create" }] };

  it("is a Pub/Sub push subscription", () => expect(decode(push(CREATED))).toEqual(told));

  it("is a CloudEvent of Eventarc, of Pub/Sub or of the audit log", () => {
    const binary = { "ce-id": "1", "ce-source": "//pubsub.googleapis.com/projects/p/topics/t", "ce-specversion": "1.0" };
    expect(decode(push(CREATED), { ...binary, "ce-type": "google.cloud.pubsub.topic.v1.messagePublished" })).toEqual(told);
    expect(decode(CREATED, { ...binary, "ce-type": "google.cloud.audit.log.v1.written" })).toEqual(told);
    const structured = { specversion: "1.0", id: "1", source: "s", type: "google.cloud.audit.log.v1.written", data: CREATED };
    expect(decode(structured, { "content-type": "application/cloudevents+json" })).toEqual(told);
  });

  it("may carry other entries, which say nothing", () => {
    expect(decode(push({ textPayload: "hello", insertId: "x" }))).toEqual({ changes: [] });
  });

  it.each([
    ["is not JSON", { message: { data: Buffer.from("{").toString("base64") }, subscription: "s" }],
    ["is nothing", { message: { messageId: "1" }, subscription: "s" }],
    ["is a text", push("hello")],
    ["is nested without end", { message: { data: Buffer.from(`${"[".repeat(100_000)}${"]".repeat(100_000)}`).toString("base64") }, subscription: "s" }],
  ])("is refused where the data %s", (_, body) => {
    expect(decode(body)).toMatchObject({ status: 422, code: "BadEvent" });
  });
});
