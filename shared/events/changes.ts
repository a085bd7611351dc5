import { type Change, hintKey } from "./change.ts";

/** Changes without repetitions. */
export interface Changes {
  /** Whether there was room: beyond the limit it is only known that there were more. */
  add(change: Change): void;
  /** Takes all out; `overflowed`: some did not fit. */
  take(): { readonly changes: readonly Change[]; readonly overflowed: boolean };
}

/** More different hints than this are a storm, of which no further detail is needed. */
export const MOST_CHANGES = 10_000;

export function createChanges(most = MOST_CHANGES): Changes {
  let byKey = new Map<string, Change>();
  let overflowed = false;
  return {
    add(change) {
      const key = hintKey(change);
      if (byKey.size < most || byKey.has(key)) byKey.set(key, change);
      else overflowed = true;
    },
    take() {
      const taken = { changes: [...byKey.values()], overflowed };
      byKey = new Map();
      overflowed = false;
      return taken;
    },
  };
}
