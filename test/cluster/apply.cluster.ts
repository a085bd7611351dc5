import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DesiredObject } from "../../shared/render/result.ts";
import { childOf, isObject, listOf, sameJson, type Json, type JsonObject } from "../support/json.ts";
import { isWrite } from "./audit.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { dataplane, gateway, install, RICH, RICH_DATAPLANE, richGateway, SMALL } from "./live-fixture.ts";
import { changesOf, OPERATOR, startLivePass, type LivePass } from "./live-pass.ts";
import { reference, type Manifest, type Resource } from "./resource.ts";

const SERVICE = reference("v1", "Service", "gw", "media");
const DEPLOYMENT = reference("apps/v1", "Deployment", "gw", "media");
const DAEMON_SET = reference("apps/v1", "DaemonSet", "gw", "media");

describe.each(["1.0", "newest"] as const)("apply, with Gateway API %s", (gatewayApi) => {
  let cluster: Cluster;
  let live: LivePass;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi, auditLog: true });
  });
  beforeEach(async () => {
    await cluster.reset();
    live = startLivePass(await cluster.kubeconfigFor(OPERATOR));
    return () => live.close();
  });
  afterAll(() => cluster.stop());

  const read = (one: Manifest): Promise<Resource> => cluster.read(one);
  /** What we asked the server to write, in lines: `patch services 200`. */
  const writesOf = async (action: () => Promise<unknown>): Promise<string[]> => {
    const mark = await cluster.audit().mark();
    await action();
    const entries = (await cluster.audit().entries(mark)).filter(({ user }) => user.username === "stunner-serverless");
    const asked = entries.filter(({ verb }) => !["get", "list"].includes(verb));
    return asked.map((entry) => `${entry.verb} ${entry.objectRef?.resource} ${entry.responseStatus?.code}${isWrite(entry) ? "" : " (not kept)"}`);
  };

  test.each([["small", SMALL], ["rich", RICH]] as const)("the first pass makes everything, the next ones write nothing: %s", async (_name, manifests) => {
    await install(cluster, manifests);
    const first = await live.pass();
    expect(changesOf(first)).toEqual([
      "created Deployment media/gw",
      "created Service media/gw",
      "updated status of Gateway media/gw",
      "updated status of GatewayClass turn",
      "updated status of UDPRoute media/route",
    ]);
    expect(await writesOf(() => live.pass())).toEqual([]);
    // Another process has nothing to remember either.
    const other = startLivePass(await cluster.kubeconfigFor(OPERATOR));
    expect(await writesOf(() => other.pass())).toEqual([]);
    other.close();
  });

  test("signs what it creates: every field that is wanted, and no other", async () => {
    await install(cluster, SMALL);
    let objects: readonly DesiredObject[] = [];
    const writes = await writesOf(async () => {
      ({ objects } = (await live.pass()).rendered);
    });
    expect(writes.filter((one) => /services|deployments/.test(one)).sort()).toEqual(["create deployments 201", "create services 201", "patch deployments 200", "patch services 200"]);
    for (const object of objects) {
      const signed = managedBy(await read(object));
      await cluster.apply(object, { fieldManager: "reference" });
      const { metadata } = await read(object);
      const applied = listOf(metadata, "managedFields").filter(isObject).find(({ manager }) => manager === "reference");
      expect(signed).toEqual([applied?.["fieldsV1"]]);
    }
  });

  /** Each field of a rich Dataplane by itself, and all of them. */
  const variants: [string, JsonObject][] = [["everything", {}], ...Object.keys(RICH_DATAPLANE).map((field): [string, JsonObject] => [field, without(RICH_DATAPLANE as JsonObject, field)])];

  test("gives back what is not wanted any more, field by field of the Dataplane: as if it had never been", async () => {
    await install(cluster, RICH);
    await live.pass();
    const wrong: string[] = [];
    for (const [field, spec] of variants) {
      // An update alone never takes a field out of a Dataplane that another manager has; a replacement does.
      await cluster.apply(dataplane(RICH_DATAPLANE), { fieldManager: "user" });
      await live.pass();
      await cluster.apply({ ...dataplane(), spec: field === "everything" ? {} : spec }, { fieldManager: "user" });
      await live.pass();
      const changed = childOf(await read(DEPLOYMENT), "spec");
      const again = changesOf(await live.pass());
      await cluster.delete(DEPLOYMENT);
      await live.pass();
      const fresh = childOf(await read(DEPLOYMENT), "spec");
      wrong.push(...[...again, ...differing(changed, fresh)].map((what) => `${field}: ${what}`));
    }
    expect(wrong).toEqual([]);
  }, 240_000);

  const services: [string, Manifest][] = [
    ["its address", richGateway("gw", { addresses: [] })],
    ["its infrastructure", withoutInfrastructure(richGateway())],
    ["listeners", gateway("gw", {}, richGateway().metadata as JsonObject)],
    ["labels", { ...richGateway(), metadata: { name: "gw", namespace: "media", annotations: richGateway().metadata["annotations"] } }],
    ["annotations", { ...richGateway(), metadata: { name: "gw", namespace: "media" } }],
    ["everything", gateway()],
    ...["note", "cloud.example/size", "stunner.l7mp.io/enable-mixed-protocol-lb", "stunner.l7mp.io/external-traffic-policy", "stunner.l7mp.io/targetport", "stunner.l7mp.io/nodeport"].map(
      (key): [string, Manifest] => [key, withoutAnnotation(richGateway(), key)],
    ),
    ["session affinity", withAnnotations(richGateway(), { "stunner.l7mp.io/disable-session-affinity": "true" })],
    ...["ClusterIP", "NodePort"].map((type): [string, Manifest] => [type, withAnnotations(withoutAnnotation(richGateway(), "stunner.l7mp.io/nodeport"), { "stunner.l7mp.io/service-type": type })]),
  ];

  test("gives back what is not wanted any more, of a Gateway: as if it had never been", async () => {
    await install(cluster, RICH);
    await live.pass();
    const wrong: string[] = [];
    for (const [what, changedGateway] of services) {
      await cluster.apply(richGateway(), { fieldManager: "user" });
      await live.pass();
      await cluster.apply(changedGateway, { fieldManager: "user" });
      await live.pass();
      const after = [await read(SERVICE), await read(DEPLOYMENT)].map(comparable);
      const again = changesOf(await live.pass()).filter((one) => !one.includes("status"));
      await cluster.delete(SERVICE);
      await cluster.delete(DEPLOYMENT);
      await live.pass();
      const fresh = [await read(SERVICE), await read(DEPLOYMENT)].map(comparable);
      wrong.push(...[...again, ...differing(after, fresh)].map((one) => `${what}: ${one}`));
    }
    expect(wrong).toEqual([]);
  }, 240_000);

  test("exchanges a Deployment for a DaemonSet, and back", async () => {
    await install(cluster, SMALL);
    await live.pass();
    await cluster.apply(dataplane({ dataplaneResource: "DaemonSet" }), { fieldManager: "user" });
    expect(changesOf(await live.pass())).toEqual(["created DaemonSet media/gw", "deleted Deployment media/gw"]);
    expect(await cluster.get(DEPLOYMENT)).toBeUndefined();
    expect((await live.pass()).applied.changes).toEqual([]);
    await cluster.apply(dataplane(), { fieldManager: "user" });
    expect(changesOf(await live.pass())).toEqual(["created Deployment media/gw", "deleted DaemonSet media/gw"]);
    expect(await cluster.get(DAEMON_SET)).toBeUndefined();
    expect((await live.pass()).applied.changes).toEqual([]);
  });

  test("leaves what an admission policy makes of its fields, and does not ask again and again", async () => {
    await install(cluster, SMALL);
    await installMirror(cluster);
    const passes = async () => [await live.pass(), await live.pass(), await live.pass()].map(changesOf);
    await passes();
    expect(image(await read(DEPLOYMENT))).toBe("mirror.example/stunnerd");
    expect(await writesOf(async () => expect(await passes()).toEqual([[], [], []]))).toEqual([]);
    await cluster.apply(dataplane({ args: ["-w"] }), { fieldManager: "user" });
    expect(changesOf(await live.pass())).toContain("updated Deployment media/gw");
    expect(await writesOf(passes)).toEqual([]);
  });
});

/** The fields that we manage by applying, and a mark for every other entry of ours. */
function managedBy({ metadata }: Resource): unknown[] {
  const entries = listOf(metadata, "managedFields").filter(isObject).filter(({ manager }) => manager === "stunner-serverless");
  return entries.map(({ operation, fieldsV1 }) => (operation === "Apply" ? fieldsV1 : operation));
}

function image(one: Resource): Json | undefined {
  return listOf(childOf(childOf(childOf(one, "spec"), "template"), "spec"), "containers").find(isObject)?.["image"];
}

/** Where two values differ, as paths. */
function differing(a: Json | undefined, b: Json | undefined, path = ""): string[] {
  if (sameJson(a, b)) return [];
  const isBoth = (isSo: (value: unknown) => boolean): boolean => isSo(a) && isSo(b);
  if (!isBoth(isObject) && !isBoth(Array.isArray)) return [`${path}: ${JSON.stringify(a)} is not ${JSON.stringify(b)}`];
  const [one, other] = [a, b] as [JsonObject, JsonObject];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) => differing(one[key], other[key], `${path}/${key}`));
}

function without(map: JsonObject, field: string): JsonObject {
  const { [field]: _gone, ...rest } = map;
  return rest;
}

function withoutInfrastructure(object: Manifest): Manifest {
  return { ...object, spec: without(isObject(object["spec"]) ? object["spec"] : {}, "infrastructure") };
}

function withAnnotations(object: Manifest, more: JsonObject): Manifest {
  const annotations = isObject(object.metadata["annotations"]) ? object.metadata["annotations"] : {};
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, ...more } } };
}

function withoutAnnotation(object: Manifest, key: string): Manifest {
  const annotations = isObject(object.metadata["annotations"]) ? object.metadata["annotations"] : {};
  return { ...object, metadata: { ...object.metadata, annotations: without(annotations, key) } };
}

/** What counts: not what the server has allotted, which keeps what it has. */
function comparable({ metadata, spec: all }: Resource): JsonObject {
  const { clusterIP: _ip, clusterIPs: _ips, healthCheckNodePort: _port, ports = [], ...spec } = isObject(all) ? all : {};
  const fixed = listOf({ ports }, "ports").map((port) => (isObject(port) ? { ...port, nodePort: null } : port));
  return { labels: metadata["labels"] ?? {}, annotations: metadata["annotations"] ?? {}, spec, ports: fixed };
}

/** What a company's webhook does: images come from a mirror. */
async function installMirror(cluster: Cluster): Promise<void> {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const expression = '[JSONPatch{op: "replace", path: "/spec/template/spec/containers/0/image", value: "mirror.example/stunnerd"}]';
  await cluster.apply({
    ...reference(apiVersion, "MutatingAdmissionPolicy", "mirror.example"),
    spec: {
      matchConstraints: { resourceRules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["deployments"] }] },
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression } }],
    },
  });
  await cluster.apply({ ...reference(apiVersion, "MutatingAdmissionPolicyBinding", "mirror.example"), spec: { policyName: "mirror.example" } });
  const labels = { app: "probe" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "x", image: "x" }] } };
  const probe = { ...reference("apps/v1", "Deployment", "probe", "default"), spec: { selector: { matchLabels: labels }, template } };
  while (!JSON.stringify(await cluster.create(probe, { dryRun: true })).includes("mirror.example")) await new Promise((resolve) => setTimeout(resolve, 20));
}
