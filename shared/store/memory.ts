import { createChangeListeners } from "./change-listeners.ts";
import { checkCondition } from "./condition.ts";
import { checkKey, checkPrefix, compareKeys } from "./key.ts";
import type { ObjectStore } from "./object-store.ts";

interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: string;
  readonly modified: number;
}

/**
 * An object store in this process's memory: gone when the process ends.
 * @example const store = createMemoryStore();
 */
export function createMemoryStore(): ObjectStore {
  const objects = new Map<string, StoredObject>();
  const listeners = createChangeListeners();
  let version = 0;

  return {
    async get(key, options = {}) {
      checkKey(key);
      const object = objects.get(key);
      if (object === undefined) return { status: "absent" };
      if (object.etag === options.ifNoneMatch) return { status: "not-modified" };
      return { status: "found", body: Uint8Array.from(object.body), etag: object.etag };
    },

    async put(key, body, options = {}) {
      checkKey(key);
      checkCondition(key, options, objects.get(key)?.etag);
      version += 1;
      const etag = `v${version}`;
      objects.set(key, { body: Uint8Array.from(body), etag, modified: Date.now() });
      listeners.notify(key);
      return { etag };
    },

    async delete(key, options = {}) {
      checkKey(key);
      checkCondition(key, options, objects.get(key)?.etag);
      if (objects.delete(key)) listeners.notify(key);
    },

    async list(prefix) {
      checkPrefix(prefix);
      return [...objects]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { body, etag, modified }]) => ({ key, etag, size: body.length, modified }))
        .sort(compareKeys);
    },

    onChange: (listener) => listeners.add(listener),
  };
}
