export interface Expiring<T> {
  readonly value: T;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

export interface ExpiringCache<T> {
  /** Rejects where none that is valid can be had. */
  get(): Promise<T>;
  /** The service refused this one: another is fetched at the next use. Nothing where it has been replaced already. */
  drop(value: T): void;
}

export interface ExpiringOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds before the end at which another is fetched. */
  readonly margin: number;
}

/** So long after a failure the old one, if it is valid still, is used without another try. */
const PAUSE = 5_000;

/** Keeps what expires until shortly before it does. Fetched once, however many ask; while fetching fails, what is still valid is used. */
export function createExpiring<T>(fetch: () => Promise<Expiring<T>>, { now = Date.now, margin }: ExpiringOptions): ExpiringCache<T> {
  let held: Expiring<T> | undefined;
  let fetching: Promise<T> | undefined;
  let failedAt = -Infinity;

  async function renew(): Promise<T> {
    try {
      held = await fetch();
      return held.value;
    } catch (error) {
      failedAt = now();
      if (held === undefined || held.expires <= now()) throw error;
      return held.value;
    } finally {
      fetching = undefined;
    }
  }

  return {
    async get() {
      if (held !== undefined && now() < held.expires && (now() < held.expires - margin || now() < failedAt + PAUSE)) return held.value;
      return await (fetching ??= renew());
    },
    drop(value) {
      if (held?.value === value) held = undefined;
    },
  };
}
