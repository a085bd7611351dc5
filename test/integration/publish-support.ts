import type { Publication } from "../../shared/cds/publish.ts";
import type { RenderedConfig } from "../../shared/render/result.ts";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";

/** A config whose realm tells which state it belongs to. */
export function configOf(id: string, realm: string): StunnerdConfig {
  return {
    version: "v1",
    admin: { name: id, loglevel: "all:INFO", healthcheck_endpoint: "http://0.0.0.0:8086", offload_engine: "None" },
    auth: { type: "static", realm, credentials: { username: "user", password: "pa$$word" } },
  };
}

/** Configs by id: `{ "ns/a": "realm" }`. */
export function rendered(realms: Record<string, string>, uid = ""): Map<string, RenderedConfig> {
  return new Map(Object.entries(realms).map(([id, realm]) => [id, { config: configOf(id, realm), uid: uid && `${uid}-${id}` }]));
}

/** A publication of cluster `c` at time 1000 with fence 1, unless told otherwise. */
export function publication(realms: Record<string, string>, more: Partial<Publication> = {}): Publication {
  return { cluster: "c", configs: rendered(realms), held: new Set(), fence: 1, now: 1000, ...more };
}

export interface RecordedStore extends ObjectStore {
  /** `put KEY`, `delete KEY`, … in the order in which they began. */
  readonly calls: string[];
}

/** A store that notes what it is asked, and calls `before`, which may fail or wait, ahead of each operation. */
export function recording(store: ObjectStore, before: (call: string) => void | Promise<void> = () => undefined): RecordedStore {
  const calls: string[] = [];
  const note = async (call: string): Promise<void> => {
    calls.push(call);
    await before(call);
  };
  return {
    calls,
    async get(key, options) {
      await note(`get ${key}`);
      return await store.get(key, options);
    },
    async put(key, body, options) {
      await note(`put ${key}`);
      return await store.put(key, body, options);
    },
    async delete(key, options) {
      await note(`delete ${key}`);
      return await store.delete(key, options);
    },
    async list(prefix) {
      await note(`list ${prefix}`);
      return await store.list(prefix);
    },
    onChange: (listener) => store.onChange?.(listener) ?? (() => undefined),
  };
}

export async function readJson(store: ObjectStore, key: string): Promise<unknown> {
  const result = await store.get(key);
  if (result.status !== "found") throw new Error(`${key} is ${result.status}`);
  return JSON.parse(Buffer.from(result.body).toString());
}

/** What a promise is rejected with; fails when it is fulfilled. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const failure = await promise.then(() => undefined, (error: unknown) => ({ error }));
  if (failure === undefined) throw new Error("fulfilled, not rejected");
  return failure.error;
}

export interface IndexFile {
  generation: number;
  renderedAt: number;
  fence: number;
  clusterUid?: string;
  configs: Record<string, { digest: string; size: number; uid: string }>;
}

/** The index of cluster `c` as it is stored. */
export async function indexOf(store: ObjectStore): Promise<IndexFile> {
  return (await readJson(store, "clusters/c/index.json")) as IndexFile;
}
