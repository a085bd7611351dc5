import { createHash } from "node:crypto";
import { PreconditionFailed } from "../../shared/store/errors.ts";
import type { ListedObject, ObjectStore } from "../../shared/store/object-store.ts";

/**
 * A store that reads from another one and keeps what is written to itself: for passes that must leave no trace.
 * @throws {StoreError}
 */
export function createScratchStore(store: Pick<ObjectStore, "get" | "list">): ObjectStore {
  /** Undefined: deleted here. */
  const own = new Map<string, Uint8Array | undefined>();

  async function get(key: string): ReturnType<ObjectStore["get"]> {
    if (!own.has(key)) return store.get(key);
    const body = own.get(key);
    return body === undefined ? { status: "absent" } : { status: "found", body, etag: etagOf(body) };
  }

  async function judge(key: string, { ifMatch, ifNoneMatch }: { ifMatch?: string; ifNoneMatch?: "*" }): Promise<void> {
    if (ifMatch === undefined && ifNoneMatch === undefined) return;
    const found = await get(key);
    const isAsWanted = ifMatch === undefined ? found.status === "absent" : found.status === "found" && found.etag === ifMatch;
    if (!isAsWanted) throw new PreconditionFailed(key);
  }

  return {
    async get(key, { ifNoneMatch } = {}) {
      const found = await get(key);
      return found.status === "found" && found.etag === ifNoneMatch ? { status: "not-modified" } : found;
    },
    async put(key, body, options = {}) {
      await judge(key, options);
      own.set(key, body.slice());
      return { etag: etagOf(body) };
    },
    async delete(key, options = {}) {
      await judge(key, options);
      own.set(key, undefined);
    },
    async list(prefix) {
      const there = (await store.list(prefix)).filter(({ key }) => !own.has(key));
      const here = [...own].flatMap(([key, body]): ListedObject[] =>
        body !== undefined && key.startsWith(prefix) ? [{ key, etag: etagOf(body), size: body.byteLength, modified: 0 }] : [],
      );
      return [...there, ...here].sort((a, b) => (a.key < b.key ? -1 : 1));
    },
  };
}

/** Told from those of the other store, whatever they look like. */
function etagOf(body: Uint8Array): string {
  return `"scratch-${createHash("sha256").update(body).digest("hex")}"`;
}
