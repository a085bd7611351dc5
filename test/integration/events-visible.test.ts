import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change, Visible } from "../../shared/events/change.ts";
import { isVisible, untilVisible } from "../../shared/events/visible.ts";
import { withRetries } from "../../shared/kube/retry.ts";
import { json, metadata, startScriptedApi, type ScriptedApi } from "./events-api.ts";

let api: ScriptedApi;
beforeEach(async () => {
  api = await startScriptedApi((_req, res) => json(res, 404, { kind: "Status", code: 404, reason: "NotFound" }));
});
afterEach(() => api.close());

function announced(name: string, visible: Visible, more: Partial<Change> = {}): Change {
  return { group: "gateway.networking.k8s.io", kind: "Gateway", apiVersion: "gateway.networking.k8s.io/v1", namespace: "media", name, operation: "update", visible, ...more };
}

/** Milliseconds that a wait takes. */
async function timed(wait: Promise<void>): Promise<number> {
  const began = performance.now();
  await wait;
  return performance.now() - began;
}

describe("waiting for a write", () => {
  it("ends when a new object is there, by its UID", async () => {
    let asked = 0;
    api.answer((_req, res) => {
      asked += 1;
      if (asked < 4) json(res, 404, { kind: "Status", code: 404, reason: "NotFound" });
      else json(res, 200, metadata("gw", 5, { uid: asked < 6 ? "that of the one before" : "new" }));
    });
    await untilVisible(api.client, [announced("gw", { until: "created", uid: "new" })]);
    expect(asked).toBe(6);
    expect(new Set(api.requests)).toEqual(new Set(["GET /apis/gateway.networking.k8s.io/v1/namespaces/media/gateways/gw"]));
  });

  it("asks for nothing but metadata: it may be a Secret", async () => {
    let accept: string | undefined;
    api.answer((req, res) => {
      accept = req.headers.accept;
      json(res, 200, metadata("cert", 5));
    });
    await untilVisible(api.client, [announced("cert", { until: "updated", resourceVersion: "4" }, { group: "", kind: "Secret", apiVersion: "v1" })]);
    expect(accept).toMatch(/^application\/json;as=PartialObjectMetadata;/);
  });

  it("ends after its limit, and with the signal", async () => {
    const never = announced("gw", { until: "created", uid: "new" });
    const took = await timed(untilVisible(api.client, [never], { limit: 150 }));
    expect(took).toBeGreaterThanOrEqual(149);
    expect(took).toBeLessThan(600);
    expect(api.requests.length).toBeLessThan(12);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 30);
    expect(await timed(untilVisible(api.client, [never], { signal: stop.signal }))).toBeLessThan(500);
  });

  it("ends after its limit where the server does not answer, retries or not", async () => {
    api.answer(() => undefined);
    expect(await timed(untilVisible(api.client, [announced("gw", { until: "created" })], { limit: 100 }))).toBeLessThan(600);
    api.answer((_req, res) => json(res, 503, {}));
    expect(await timed(untilVisible(withRetries(api.client), [announced("gw", { until: "created" })], { limit: 100 }))).toBeLessThan(600);
  });

  it("tells which right it lacks to look", async () => {
    api.answer((_req, res) => json(res, 403, { kind: "Status", code: 403, reason: "Forbidden" }));
    const told: (string | undefined)[] = [];
    await untilVisible(api.client, [announced("gw", { until: "created" })], { onRefused: ({ right }) => void told.push(right) });
    api.answer((_req, res) => json(res, 401, { kind: "Status", code: 401, reason: "Unauthorized" }));
    await untilVisible(api.client, [announced("gw", { until: "created" })], { onRefused: ({ right }) => void told.push(right) });
    expect(told).toEqual(['get on gateways of API group "gateway.networking.k8s.io"']);
  });

  it("does not wait for what it may not read", async () => {
    api.answer((_req, res) => json(res, 403, { kind: "Status", code: 403, reason: "Forbidden" }));
    await untilVisible(api.client, [announced("gw", { until: "created" })]);
    expect(api.requests).toHaveLength(1);
  });

  it("waits for the newest announcement of an object, and for nothing that has no name or is not announced", async () => {
    api.answer((_req, res) => json(res, 200, metadata("gw", 5, { generation: 3 })));
    const { visible: _visible, ...plain } = announced("plain", { until: "created" });
    await untilVisible(api.client, [
      announced("gw", { until: "updated", generation: 9 }),
      announced("gw", { until: "updated", generation: 3 }),
      announced("", { until: "deleted" }),
      plain,
      announced("crd", { until: "created" }, { group: "apiextensions.k8s.io", kind: "CustomResourceDefinition", apiVersion: "apiextensions.k8s.io/v1" }),
    ]);
    expect(api.requests).toHaveLength(1);
  });

  it("asks only for so many of a storm", async () => {
    api.answer((_req, res) => json(res, 200, metadata("gw", 5)));
    const storm = Array.from({ length: 1000 }, (_, i) => announced(`gw-${i}`, { until: "updated", resourceVersion: "1" }));
    await untilVisible(api.client, storm);
    expect(api.requests).toHaveLength(20);
  });
});

describe("a write can be seen", () => {
  const live = { uid: "a", generation: 3, resourceVersion: "7", isBeingDeleted: false };

  it.each<[string, Visible, typeof live | undefined, boolean]>([
    ["when the object is there", { until: "created" }, live, true],
    ["when it is the one that was made", { until: "created", uid: "a" }, live, true],
    ["not when it is an older one", { until: "created", uid: "b" }, live, false],
    ["not when there is none", { until: "created", uid: "a" }, undefined, false],
    ["when it is gone", { until: "deleted", uid: "a" }, undefined, true],
    ["when it is going", { until: "deleted", uid: "a" }, { ...live, isBeingDeleted: true }, true],
    ["when there is another", { until: "deleted", uid: "b" }, live, true],
    ["not while it is there", { until: "deleted", uid: "a" }, live, false],
    ["not while something is there, its UID unknown", { until: "deleted" }, live, false],
    ["at its generation", { until: "updated", generation: 3 }, live, true],
    ["at a later one", { until: "updated", generation: 2 }, live, true],
    ["not before", { until: "updated", generation: 4 }, live, false],
    ["at another version", { until: "updated", resourceVersion: "6" }, live, true],
    ["not at the version before", { until: "updated", resourceVersion: "7" }, live, false],
    ["at once where the version before is not known", { until: "updated" }, live, true],
    ["when what was updated is gone", { until: "updated", generation: 4 }, undefined, true],
  ])("%s", (_what, visible, found, expected) => {
    expect(isVisible(visible, found)).toBe(expected);
  });
});
