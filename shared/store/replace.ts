import { overRead } from "./condition.ts";
import { PreconditionFailed } from "./errors.ts";
import type { GetResult, ObjectStore } from "./object-store.ts";

/** Lost races before giving up. */
const ATTEMPTS = 16;

export interface Replacement {
  readonly key: string;
  /** Entity tag of what was read; undefined: there was nothing. */
  readonly etag: string | undefined;
  /** Awaited before each attempt: whoever must not write any more ends here. Resolves to the fencing number. */
  readonly fence: () => Promise<number>;
  readonly body: (fence: number) => Uint8Array;
  /** Whether what somebody else has written meanwhile stays; default: it does not. */
  readonly stays?: (found: GetResult, fence: number) => boolean;
}

/**
 * Replaces what was read, and nothing else: a process that was stopped between `fence` and the write cannot overwrite
 * what was written since (DESIGN.md 2). Returns whether it was written.
 * @throws {PreconditionFailed} lost the race too often
 * @throws {StoreError} and what `fence` rejects with
 */
export async function replace(store: ObjectStore, { key, etag: first, fence, body, stays }: Replacement): Promise<boolean> {
  let etag = first;
  for (let attempt = 1; ; attempt += 1) {
    const number = await fence();
    try {
      await store.put(key, body(number), overRead(etag));
      return true;
    } catch (error) {
      if (!(error instanceof PreconditionFailed) || attempt === ATTEMPTS) throw error;
    }
    const found = await store.get(key);
    if (stays?.(found, number)) return false;
    etag = found.status === "found" ? found.etag : undefined;
  }
}
