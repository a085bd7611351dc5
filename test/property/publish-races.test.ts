import { hash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { collectGarbage, createPublishedCache, loadPublished, publish } from "../../shared/cds/publish.ts";
import { PublishError } from "../../shared/cds/publish-errors.ts";
import { checkCondition } from "../../shared/store/condition.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { publication } from "../integration/publish-support.ts";
import { PROPERTY_TIMEOUT } from "../support/property.ts";
import { holdsInTime } from "./publish-holds.ts";

/** Who does what, in no given order: publications, collections without any grace, and readers. */
type Job =
  | { readonly kind: "publish"; readonly realms: Record<string, string>; readonly fence: number }
  | { readonly kind: "collect" }
  | { readonly kind: "read" };

const realms = fc.dictionary(fc.constantFrom("ns/a", "ns/b"), fc.constantFrom("one", "two"), { noNullPrototype: true });
const publishing: fc.Arbitrary<Job> = fc.record({ kind: fc.constant("publish"), realms, fence: fc.integer({ min: 1, max: 2 }) });
const job: fc.Arbitrary<Job> = fc.oneof(publishing, fc.constant<Job>({ kind: "collect" }), fc.constant<Job>({ kind: "read" }));
/** Each worker does its jobs one after the other. */
const workers = fc.array(fc.array(job, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 4 });

interface WatchedStore extends ObjectStore {
  /** What the index has named, after every write, without being there. */
  readonly dangling: string[];
}

/**
 * A store like S3, in which equal bodies have equal entity tags, and in which every call and every answer may be
 * delayed for as long as the scheduler likes.
 */
function scheduledStore(scheduler: fc.Scheduler): WatchedStore {
  const objects = new Map<string, { body: Uint8Array; etag: string }>();
  const dangling: string[] = [];

  function check(): void {
    const index = objects.get("clusters/c/index.json");
    if (index === undefined) return;
    const { configs } = JSON.parse(Buffer.from(index.body).toString()) as { configs: Record<string, { digest: string }> };
    for (const [id, { digest }] of Object.entries(configs)) {
      if (!objects.has(`clusters/c/configs/${id}/${digest}.json`)) dangling.push(id);
    }
  }

  async function step<T>(label: string, operation: () => T): Promise<T> {
    await scheduler.schedule(Promise.resolve(), `ask ${label}`);
    let result: { value: T } | { error: unknown };
    try {
      result = { value: operation() };
    } catch (error) {
      result = { error };
    }
    check();
    await scheduler.schedule(Promise.resolve(), `answer ${label}`);
    if ("error" in result) throw result.error;
    return result.value;
  }

  return {
    dangling,
    get: (key, options = {}) =>
      step(`get ${key}`, () => {
        const object = objects.get(key);
        if (object === undefined) return { status: "absent" };
        return object.etag === options.ifNoneMatch ? { status: "not-modified" } : { status: "found", ...object };
      }),
    put: (key, body, options = {}) =>
      step(`put ${key}`, () => {
        checkCondition(key, options, objects.get(key)?.etag);
        const etag = hash("sha256", body, "hex");
        objects.set(key, { body, etag });
        return { etag };
      }),
    delete: (key, options = {}) =>
      step(`delete ${key}`, () => {
        checkCondition(key, options, objects.get(key)?.etag);
        objects.delete(key);
      }),
    list: (prefix) =>
      step(`list ${prefix}`, () =>
        [...objects]
          .filter(([key]) => key.startsWith(prefix))
          .map(([key, { body, etag }]) => ({ key, etag, size: body.length, modified: 0 })),
      ),
  };
}

async function work(store: ObjectStore, jobs: readonly Job[], seen: string[]): Promise<void> {
  for (const task of jobs) {
    try {
      if (task.kind === "publish") await publish(store, publication(task.realms, { fence: task.fence }));
      if (task.kind === "collect") await collectGarbage(store, { cluster: "c", now: 1, graceMs: 0 });
      if (task.kind === "read") {
        const cache = createPublishedCache();
        const configs = await loadPublished(store, "c", cache);
        // Damage is what a reader says when the index moves faster than it reads.
        if (cache.damaged.size === 0) seen.push(stateText([...configs].map(([id, { auth }]) => [id, auth.realm])));
      }
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
    }
  }
}

function stateText(entries: readonly (readonly [string, string])[]): string {
  return JSON.stringify([...entries].sort());
}

test("in no order of events does the index name what is absent, and every reader sees a state that was published", async () => {
  await holdsInTime([fc.scheduler(), workers], async (scheduler, jobLists) => {
    const store = scheduledStore(scheduler);
    const published = jobLists.flat().filter((task) => task.kind === "publish");
    const states = new Set([stateText([]), ...published.map((task) => stateText(Object.entries(task.realms)))]);
    const seen: string[] = [];
    await scheduler.waitFor(Promise.all(jobLists.map((jobs) => work(store, jobs, seen))));
    expect(store.dangling).toEqual([]);
    for (const state of seen) expect(states).toContain(state);
  });
}, PROPERTY_TIMEOUT);
