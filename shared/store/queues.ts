/**
 * Makes work on the same key wait for earlier work on it, whatever became of that.
 * @example const inTurn = createQueues(); await inTurn("a", work);
 */
export function createQueues(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = tails.get(key);
    const mine = (async () => {
      await before?.catch(() => undefined);
      return await work();
    })();
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  };
}
