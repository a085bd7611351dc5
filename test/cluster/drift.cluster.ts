import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Change } from "../../shared/reconcile/report.ts";
import type { DesiredObject } from "../../shared/render/result.ts";
import { RENDER_SETTINGS } from "../support/render-settings.ts";
import { childOf, isObject, sameJson, toJsonObject, type Json, type JsonObject } from "../support/json.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { FOREIGN, SCENES, UNTOUCHED, type Scene } from "./drift-scenes.ts";
import { leafText, leavesOf, readSchemas, valueAt, withValue, type Schemas } from "./leaves.ts";
import { createControlPlane, type LiveControlPlane } from "./live-control-plane.ts";
import { whichOf } from "./live-delivery.ts";
import { editsOf, HAND, togetherOf, withEdits, type Edit } from "./live-edits.ts";
import { install } from "./live-fixture.ts";
import { OPERATOR, startLivePass } from "./live-pass.ts";
import type { Resource } from "./resource.ts";

describe("drift", () => {
  let cluster: Cluster;
  let schemas: Schemas;
  let kubeconfig: string;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest") });
    kubeconfig = await cluster.kubeconfigFor(OPERATOR);
    schemas = await readSchemas(cluster);
  });
  afterAll(() => cluster.stop());

  test("is looked for in everything that can be rendered", () => {
    expect(new Set(SCENES.flatMap(({ kinds }) => kinds))).toEqual(new Set(["Service", "Deployment", "DaemonSet", "ConfigMap", "Secret"]));
  });

  describe.each(SCENES)("$name", ({ manifests, kinds, mode = "managed", delivery }: Scene) => {
    const render = { ...RENDER_SETTINGS, certificates: "trust" as const, mode, ...(delivery ? { delivery } : {}) };
    let drift: "report" | "correct" = "correct";
    let plane: LiveControlPlane;
    let objects: readonly DesiredObject[];
    beforeAll(async () => {
      await cluster.reset();
      await install(cluster, manifests);
      // What is rendered before the server has allocated anything, by a pass that writes nothing.
      const dry = startLivePass(kubeconfig, { dryRun: true, mode, ...whichOf(delivery), render });
      objects = (await dry.pass()).rendered.objects;
      dry.close();
      plane = createControlPlane(kubeconfig, { render, drift: () => drift });
      await plane.settle();
      for (const { kind } of objects) await restoreForeign(kind);
    });
    afterAll(() => plane.close());

    const object = (kind: string): DesiredObject => {
      const found = objects.find((one) => one.kind === kind);
      if (!found) throw new Error(`no ${kind} was rendered`);
      return found;
    };
    const restoreForeign = async (kind: string): Promise<void> => {
      const { apiVersion, metadata } = object(kind);
      const others = FOREIGN[kind] ?? {};
      const named = { ...childOf(others, "metadata"), name: metadata.name, namespace: metadata.namespace };
      await cluster.apply({ ...others, apiVersion, kind, metadata: named }, { fieldManager: "gitops" });
    };
    /** What a resync says of an object. */
    const resync = async (how: typeof drift, { kind, metadata }: DesiredObject): Promise<Change[]> => {
      drift = how;
      const { changes } = await plane.pass();
      expect(changes.filter(({ operation }) => operation === "failed")).toEqual([]);
      return changes.filter((change) => change.object === `${kind} ${metadata.namespace}/${metadata.name}`);
    };

    test("is none where others have added fields of their own", async () => {
      drift = "correct";
      expect((await plane.pass()).changes).toEqual([]);
    });

    const cases = kinds.flatMap((kind) => (["edited", "deleted"] as const).map((how) => ({ kind, how })));
    test.each(cases)("of each field of a $kind that is $how by hand is reported, and put back by the next resync", async ({ kind, how }) => {
      const wanted = object(kind);
      const { edits, untouched } = await editsOf(cluster, schemas, wanted, how);
      expect(edits).not.toEqual([]);
      const ours = leavesOf(schemas, kind, toJsonObject(wanted)).filter(({ isWhole }) => isWhole);
      let pending = edits;
      for (;;) {
        const before = await cluster.read(wanted);
        const chosen = await togetherOf(cluster, before, pending);
        if (chosen.length === 0) break;
        pending = pending.filter((edit) => !chosen.includes(edit));

        const edited = await cluster.replace(withEdits(before, chosen), { fieldManager: HAND });
        const told = await resync("report", wanted);
        expect(told).toMatchObject([{ operation: "drifted", cause: "drift" }]);
        expect(chosen.filter((edit) => !isTold(edit, edited, told[0])).map(({ path }) => leafText(path))).toEqual([]);
        expect((await cluster.read(wanted)).metadata.resourceVersion).toBe(edited.metadata.resourceVersion);

        expect(await resync("correct", wanted)).toMatchObject([{ operation: "updated", cause: "drift", fields: told[0]?.fields }]);
        const after = await cluster.read(wanted);
        expect(ours.filter(({ path }) => !sameJson(valueAt(after, path), valueAt(before, path))).map(({ path }) => leafText(path))).toEqual([]);
        expect(foreignOf(after, chosen)).toEqual(foreignOf(before, chosen));
        expect(await resync("correct", wanted)).toEqual([]);
        if (chosen.some(({ isWhole }) => !isWhole)) await restoreForeign(kind);
      }
      const mayStay = UNTOUCHED[kind]?.[how] ?? [];
      // Those that are left were taken at first: a node port that two ports share is not always given out anew.
      const stayed = [...untouched, ...pending.map(({ path }) => path)].map(leafText);
      expect(stayed.filter((field) => !mayStay.some((one) => one.test(field)))).toEqual([]);
    }, 240_000);
  });
});

/** What an API server drops from an object, or fills in, has no manager. */
function isTold({ path, value }: Edit, edited: Resource, change: Change | undefined): boolean {
  const text = dotted(leafText(path));
  return (change?.fields ?? []).some(({ field, manager }) => {
    const isIt = `${dotted(field)}.`.startsWith(`${text}.`) || `${text}.`.startsWith(`${dotted(field)}.`);
    return isIt && (value === undefined || valueAt(edited, path) === undefined || manager === HAND);
  });
}

const dotted = (field: string): string => field.replaceAll(/[[\]]/g, ".").replaceAll("..", ".").replace(/\.$/, "");

/** An object without what the server counts, and without the maps, lists and items that were taken out: what others had in them went by the same hand. */
function foreignOf(live: Resource, edits: readonly Edit[]): JsonObject {
  const taken = edits.filter(({ isWhole }) => !isWhole);
  const { metadata, ...rest } = taken.reduce<Json>((value, { path }) => withValue(value, path, undefined), live) as Resource;
  const { resourceVersion: _version, generation: _generation, managedFields: _managed, annotations, ...meta } = metadata;
  // A DaemonSet's generation once more.
  const { "deprecated.daemonset.template.generation": _template, ...notes } = isObject(annotations) ? annotations : {};
  // Allocated anew where another hand changes the policy for a while.
  const { healthCheckNodePort: _port, ...spec } = childOf(rest, "spec");
  return inOrder(toJsonObject({ ...rest, spec, metadata: { ...meta, annotations: notes } })) as JsonObject;
}

/** Where items of ours stand among those of others says nothing. */
function inOrder(value: Json): Json {
  if (Array.isArray(value)) {
    const items = value.map(inOrder);
    return items.every(isObject) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inOrder(inner)])) : value;
}
