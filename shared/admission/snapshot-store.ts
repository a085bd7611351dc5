import * as z from "zod/mini";
import { overRead } from "../store/condition.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Snapshot } from "./snapshot.ts";

/** Raised when the meaning changes: what an older or newer program wrote is as good as absent. */
const VERSION = 1;
/** A larger one is neither written nor read: writes are then judged by themselves. */
const MOST_BYTES = 8 * 1024 * 1024;

const storedSchema = z.object({
  version: z.literal(VERSION),
  objects: z.array(z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) })),
  absent: z.array(z.string()),
});

/** Where the snapshot of a cluster is kept between the pass that makes it and whoever judges by it. */
export interface SnapshotStore {
  /**
   * Undefined where nothing is known, or nothing that can be read; `unchanged` since the last look.
   * @throws {StoreError}
   */
  read(): Promise<Snapshot | "unchanged" | undefined>;
  /** Whether `write` would write. @throws {StoreError} */
  differs(snapshot: Snapshot): Promise<boolean>;
  /**
   * Writes what differs from what is there. To be called by the pass that holds the lease.
   * @throws {PreconditionFailed} somebody else has written meanwhile
   * @throws {StoreError}
   */
  write(snapshot: Snapshot): Promise<void>;
}

/** @param cluster name of the cluster in the store */
export function createSnapshotStore(store: ObjectStore, cluster: string): SnapshotStore {
  const key = `clusters/${cluster}/judge.json`;
  let etag: string | undefined;
  /** What was found or written last, null where nothing was there; undefined: not looked at. */
  let last: { readonly text: string; readonly etag: string } | null | undefined;

  async function stored(): Promise<typeof last> {
    if (last !== undefined) return last;
    const found = await store.get(key);
    last = found.status === "found" ? { text: Buffer.from(found.body).toString(), etag: found.etag } : null;
    return last;
  }

  return {
    async read() {
      const result = await store.get(key, etag === undefined ? {} : { ifNoneMatch: etag });
      if (result.status === "not-modified") return "unchanged";
      if (result.status === "absent") {
        etag = undefined;
        return undefined;
      }
      etag = result.etag;
      return result.body.length > MOST_BYTES ? undefined : parse(Buffer.from(result.body).toString());
    },
    async differs(snapshot) {
      const text = textOf(snapshot);
      const before = (await stored())?.text;
      return text !== before && (before !== undefined || isStorable(text));
    },
    async write(snapshot) {
      const text = textOf(snapshot);
      const before = await stored();
      if (text === before?.text) return;
      // Whatever comes of it: until it has succeeded nothing is known of what is there.
      last = undefined;
      if (!isStorable(text)) return store.delete(key);
      const { etag: written } = await store.put(key, Buffer.from(text), overRead(before?.etag));
      last = { text, etag: written };
    },
  };
}

function textOf(snapshot: Snapshot): string {
  return JSON.stringify({ version: VERSION, ...snapshot });
}

function isStorable(text: string): boolean {
  return Buffer.byteLength(text) <= MOST_BYTES;
}

function parse(text: string): Snapshot | undefined {
  try {
    return storedSchema.safeParse(JSON.parse(text)).data as Snapshot | undefined;
  } catch {
    return undefined;
  }
}
