import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DesiredObject } from "../../shared/render/result.ts";
import { childOf, isObject, sameJson, toJsonObject, type Json, type JsonObject } from "../support/json.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { leafText, leavesOf, othersThan, readSchemas, valueAt, withValue, type LeafPath, type Schemas } from "./leaves.ts";
import { install, RICH } from "./live-fixture.ts";
import { OPERATOR, startLivePass, type LivePass } from "./live-pass.ts";
import type { Resource } from "./resource.ts";

/** What others have put into objects of ours, by kind. */
const FOREIGN: Readonly<Record<string, JsonObject>> = {
  Service: {
    metadata: { labels: { "gitops/instance": "x" }, annotations: { "cloud.example/id": "lb-1" }, finalizers: ["cloud.example/hold"] },
    spec: { internalTrafficPolicy: "Local", loadBalancerSourceRanges: ["10.0.0.0/8"], publishNotReadyAddresses: true },
  },
  Deployment: {
    metadata: { labels: { "gitops/instance": "x" }, annotations: { "gitops/id": "y" }, ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "other", uid: "u-1" }] },
    spec: {
      minReadySeconds: 3,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "50%", maxUnavailable: 0 } },
      template: {
        metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z" }, labels: { injected: "yes" } },
        spec: {
          nodeSelector: { pool: "edge" },
          containers: [
            { name: "stunner-daemon", env: [{ name: "INJECTED", value: "1" }], lifecycle: { preStop: { exec: { command: ["true"] } } }, volumeMounts: [{ name: "shared", mountPath: "/shared" }] },
            { name: "sidecar", image: "example/sidecar:1" },
          ],
          volumes: [{ name: "shared", emptyDir: { sizeLimit: "1Gi" } }],
        },
      },
    },
  },
};

/** What may not be changed, may have one value only, or consists of what tells it from others. */
const UNMOVABLE = [
  "spec.selector",
  ...["app", "stunner.l7mp.io/related-gateway-name", "stunner.l7mp.io/related-gateway-namespace"].map((label) => `spec.template.metadata.labels.${label}`),
  "spec.template.spec.imagePullSecrets[pull-1]",
  "spec.template.spec.imagePullSecrets[pull-2]",
  "spec.template.spec.containers[stunner-daemon].securityContext.privileged",
  "spec.template.spec.containers[stunner-daemon].livenessProbe.successThreshold",
];

describe("drift", () => {
  let cluster: Cluster;
  let live: LivePass;
  let schemas: Schemas;
  let objects: readonly DesiredObject[];
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "newest" });
    live = startLivePass(await cluster.kubeconfigFor(OPERATOR));
    schemas = await readSchemas(cluster);
    await install(cluster, RICH);
    objects = (await live.pass()).rendered.objects;
    for (const { kind } of objects) await restoreForeign(kind);
  });
  afterAll(async () => {
    live.close();
    await cluster.stop();
  });

  const object = (kind: string): DesiredObject => {
    const found = objects.find((one) => one.kind === kind);
    if (!found) throw new Error(`no ${kind} was rendered`);
    return found;
  };
  const restoreForeign = async (kind: string): Promise<void> => {
    const { apiVersion, metadata } = object(kind);
    const foreign = FOREIGN[kind] ?? {};
    const named = { ...childOf(foreign, "metadata"), name: metadata.name, namespace: metadata.namespace };
    await cluster.apply({ ...foreign, apiVersion, kind, metadata: named }, { fieldManager: "gitops" });
  };
  const read = (kind: string): Promise<Resource> => cluster.read(object(kind));
  const correct = async (kind: string) => {
    await live.cluster.load();
    return live.cluster.write(object(kind));
  };

  /** Another hand's write. Undefined where the server refuses it, or makes the same of it. */
  async function disturb(before: Resource, path: LeafPath, value: Json | undefined): Promise<Resource | undefined> {
    const { body, status } = await cluster.request("PUT", await cluster.discovery.pathOf(before), withValue(before, path, value), {
      headers: { "user-agent": "hand" },
    });
    if (status >= 300 || !isObject(body)) return undefined;
    return sameJson(valueAt(body, path), valueAt(before, path)) ? undefined : (body as Resource);
  }

  test("is none where others have added fields of their own", async () => {
    expect((await live.pass()).applied.changes).toEqual([]);
  });

  const cases = [
    // Some foreign fields are only allowed with this type: see below.
    ["Service", "edited", 28, ["spec.type"]],
    ["Service", "deleted", 29, expect.any(Array)],
    ["Deployment", "edited", 64, UNMOVABLE],
    ["Deployment", "deleted", 84, expect.any(Array)],
  ] as const;
  /** Without a list, what the server insists on or fills in again is not named: it is everything else. */
  test.each(cases)("of each field of a %s that is %s by hand is found and put back", async (kind, how, atLeast, expectedUntouched) => {
    const wanted = toJsonObject(object(kind));
    const untouched: string[] = [];
    const wrong: unknown[] = [];
    let found = 0;
    for (const { path, isWhole } of leavesOf(schemas, kind, wanted)) {
      if (how === "edited" && (!isWhole || isKey(path))) continue;
      const before = await read(kind);
      const value = valueAt(before, path) ?? valueAt(wanted, path);
      const values = how === "deleted" ? [undefined] : othersThan(value).filter((other) => keepsKeys(path, other));
      let disturbed: Resource | undefined;
      for (const other of values) disturbed ??= await disturb(before, path, other);
      if (!disturbed) {
        untouched.push(leafText(path));
        continue;
      }
      found += 1;
      const written = await correct(kind);
      const after = comparable(await read(kind));
      // What others had in a map, a list or an item is gone by the same hand.
      const same = isWhole ? [after, comparable(before)] : [withValue(after, path, undefined), withValue(comparable(before), path, undefined)];
      const outcome = {
        field: leafText(path),
        isTold: (written.differences ?? []).some(({ field }) => isWithin(field, leafText(path))),
        // What an API server drops from an object, or fills in, has no manager.
        isBlamed: how === "deleted" || valueAt(disturbed, path) === undefined || written.differences?.some(({ manager }) => manager === "hand"),
        isRestored: written.operation === "updated" && sameJson(same[0], same[1]),
        isSettled: (await correct(kind)).operation === "unchanged",
      };
      if (Object.values(outcome).includes(false)) wrong.push({ ...outcome, same });
      if (!isWhole) await restoreForeign(kind);
    }
    expect(wrong).toEqual([]);
    expect(found).toBeGreaterThanOrEqual(atLeast);
    expect(untouched).toEqual(expectedUntouched);
  }, 240_000);
});

/** Fields that tell an item of a list from the others: to change one is to put another item in its place. */
function isKey(path: LeafPath): boolean {
  const [item, field] = path.slice(-2);
  return isObject(item) && typeof field === "string" && field in item;
}

/** Whether another value of an item leaves it the same item. */
function keepsKeys(path: LeafPath, value: Json): boolean {
  const item = path.at(-1);
  return !isObject(item) || (isObject(value) && Object.entries(item).every(([key, own]) => value[key] === own));
}

/** Whether one of two fields lies in the other. */
function isWithin(a: string, b: string): boolean {
  return bare(a).startsWith(bare(b)) || bare(b).startsWith(bare(a));
}

const bare = (field: string): string => field.replaceAll(/[[\]]/g, ".").replaceAll("..", ".").replace(/\.$/, "");

function comparable({ metadata, ...rest }: Resource): JsonObject {
  const { resourceVersion: _version, generation: _generation, managedFields: _managed, ...meta } = metadata;
  // Allocated anew where another hand changes the policy for a while.
  const { healthCheckNodePort: _port, ...spec } = childOf(rest, "spec");
  return inOrder(toJsonObject({ ...rest, spec, metadata: meta })) as JsonObject;
}

/** Where items of ours stand among those of others says nothing. */
function inOrder(value: Json): Json {
  if (Array.isArray(value)) {
    const items = value.map(inOrder);
    return items.every(isObject) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inOrder(inner)])) : value;
}
