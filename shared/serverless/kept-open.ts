/** What can be opened again at any time, at the price of reading again what it knew. */
export interface Closable {
  close(): void;
}

/** What is open of each name, as much as there is room for. */
export interface KeptOpen<Of, T extends Closable> {
  /**
   * Runs with what is open of a name, which is not closed meanwhile. Afterwards the longest unused of the others are closed until
   * what is left has room: never one that is in use, nor the one that was used just now.
   * @param of what it was opened of; another one than before: it is opened anew
   * @param run `weigh` says how many bytes it holds from now on
   */
  use<R>(name: string, of: Of, open: () => T, run: (it: T, weigh: (bytes: number) => void) => Promise<R>): Promise<R>;
  readonly names: readonly string[];
}

interface Kept<Of, T> {
  readonly of: Of;
  readonly it: T;
  bytes: number;
  users: number;
}

/**
 * @param room bytes that all of them may hold together
 * @param least bytes that each is taken to hold until it says so itself
 */
export function createKeptOpen<Of, T extends Closable>(room: number, least: number): KeptOpen<Of, T> {
  // The longest unused first.
  const kept = new Map<string, Kept<Of, T>>();

  function take(name: string, of: Of, open: () => T): Kept<Of, T> {
    const known = kept.get(name);
    const taken = known?.of === of ? known : { of, it: open(), bytes: least, users: 0 };
    if (known !== taken && known?.users === 0) known.it.close();
    kept.delete(name);
    kept.set(name, taken);
    taken.users += 1;
    return taken;
  }

  function makeRoom(but: Kept<Of, T>): void {
    let bytes = kept.values().reduce((sum, one) => sum + one.bytes, 0);
    for (const [name, one] of kept) {
      if (bytes <= room) return;
      if (one === but || one.users > 0) continue;
      kept.delete(name);
      one.it.close();
      bytes -= one.bytes;
    }
  }

  return {
    get names() {
      return [...kept.keys()];
    },
    async use(name, of, open, run) {
      const taken = take(name, of, open);
      try {
        return await run(taken.it, (bytes) => {
          taken.bytes = bytes;
        });
      } finally {
        taken.users -= 1;
        // Another one has taken its place meanwhile.
        if (kept.get(name) !== taken && taken.users === 0) taken.it.close();
        makeRoom(taken);
      }
    },
  };
}
