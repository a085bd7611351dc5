/** What was counted, by name: `store get`, `api list services`, `queue pass`, `call reconcile`, `log bytes` and so on. */
export type Counts = Readonly<Record<string, number>>;

export interface Counter {
  add(name: string, more?: number): void;
  /** What was counted since the last time. */
  take(): Counts;
}

export function createCounter(): Counter {
  let counts: Record<string, number> = {};
  return {
    add(name, more = 1) {
      counts[name] = (counts[name] ?? 0) + more;
    },
    take() {
      const taken = counts;
      counts = {};
      return Object.fromEntries(Object.entries(taken).sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}

/** The sum of those whose name begins so. */
export function sumOf(counts: Counts, prefix: string): number {
  return Object.entries(counts).reduce((sum, [name, count]) => (name.startsWith(prefix) ? sum + count : sum), 0);
}
