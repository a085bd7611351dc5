/** Runs one thing after the other for each key, in the order in which they came, whatever becomes of those before. */
export interface Turns {
  inTurn<T>(key: string, run: () => Promise<T>): Promise<T>;
  /** Keys of which something runs or waits. */
  readonly size: number;
}

/** Of keys of which nothing runs or waits nothing is kept. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    get size() {
      return last.size;
    },
    async inTurn(key, run) {
      const mine = (last.get(key) ?? Promise.resolve()).then(run);
      const settled = mine.catch(() => undefined);
      last.set(key, settled);
      try {
        return await mine;
      } finally {
        if (last.get(key) === settled) last.delete(key);
      }
    },
  };
}
