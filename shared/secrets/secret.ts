import { createExpiring } from "../cloud/expiring.ts";

/** A secret in a cloud's keeping, that may be rotated at any time. */
export interface Secret {
  /**
   * Its text, kept for some minutes; while it cannot be read, what was read last.
   * @throws {CloudError} it has never been read
   */
  read(): Promise<string>;
  /** What was read does not fit any more, so it may have been rotated: it is read again at the next use, once in a while. */
  doubt(): void;
}

export interface SecretOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds for which it is kept. */
  readonly keep?: number;
}

const KEEP = 5 * 60_000;
/** Least time between two readings for doubt: who sends wrong tokens must not cost a reading each. */
const LEAST = 10_000;

export function createSecret(fetch: () => Promise<string>, { now = Date.now, keep = KEEP }: SecretOptions = {}): Secret {
  let last: string | undefined;
  let readAt = -Infinity;
  const cache = createExpiring(async () => {
    readAt = now();
    try {
      last = await fetch();
    } catch (error) {
      if (last === undefined) throw error;
    }
    // Rotation that fails to be read must not close what was open.
    return { value: { text: last }, expires: now() + keep };
  }, { margin: 0, now });
  let held: { text: string } | undefined;
  return {
    async read() {
      held = await cache.get();
      return held.text;
    },
    doubt() {
      if (held !== undefined && now() - readAt >= LEAST) cache.drop(held);
    },
  };
}
