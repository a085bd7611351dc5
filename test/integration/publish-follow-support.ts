import { afterEach } from "vitest";
import { followIndex } from "../../shared/cds/follow.ts";
import type { Follower } from "../../shared/cds/follow.ts";
import type { ConfigSource, SourceChange } from "../../shared/cds/source.ts";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { recording } from "./publish-support.ts";

export const INDEX = "clusters/c/index.json";
export const NODES = "clusters/c/nodes.json";
/** Looks only when it is told to. */
const NEVER = 1_000_000;

export interface Followed {
  readonly follower: Follower;
  readonly changes: SourceChange[];
  readonly errors: unknown[];
  /** The next change. */
  next(): Promise<SourceChange>;
}

const open: Follower[] = [];
afterEach(() => {
  for (const follower of open.splice(0)) follower.stop();
});

/** Follows cluster `c` until the end of the test. */
export function follow(store: ObjectStore, pollMs = NEVER): Followed {
  const changes: SourceChange[] = [];
  const errors: unknown[] = [];
  const follower = followIndex(store, "c", { pollMs, onError: (error) => void errors.push(error) });
  open.push(follower);
  let waiting: ((change: SourceChange) => void) | undefined;
  follower.subscribe((change) => {
    changes.push(change);
    waiting?.(change);
  });
  const next = (): Promise<SourceChange> =>
    new Promise((resolve) => {
      waiting = resolve;
    });
  return { follower, changes, errors, next };
}

/** Another instance on the same objects: its writes do not tell the follower. */
export function apart(store: ObjectStore): ObjectStore {
  const { get, put, delete: remove, list } = store;
  return { get, put, delete: remove, list };
}

export function realms(source: ConfigSource): Record<string, string> {
  const texts = [...source.entries.values()].map(({ id, text }) => [id, JSON.parse(text.toString()).auth.realm]);
  return Object.fromEntries(texts);
}

export function summary(change: SourceChange | undefined): unknown {
  return change && { changed: change.changed.map(({ id }) => id), deleted: change.deleted, nodes: change.nodes };
}

export function outage(what: RegExp): { store: ObjectStore; inner: ObjectStore; down: (is: boolean) => void } {
  const inner = createMemoryStore();
  let isDown = false;
  const store = recording(apart(inner), (call) => {
    if (isDown && what.test(call)) throw new StoreUnavailable("down", { retryable: true, cause: undefined });
  });
  return { store: apart(store), inner, down: (is) => void (isDown = is) };
}
