import type { RenderOptions } from "../render/result.ts";
import type { KubeObject } from "../resources/meta.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { judge } from "./judge.ts";
import { idOf } from "./judged.ts";
import { readReview, type Review } from "./read-review.ts";
import { createSnapshotStore } from "./snapshot-store.ts";
import { type AdmissionMode, type Judge, NOTHING_TO_SAY } from "./verdict.ts";
import { createWorld, type World } from "./world.ts";

/** The store is asked no more often, and only when something is written. */
const LOOK_EVERY_MS = 2000;
/** A look that takes longer is given up on; another is taken. */
const LONGEST_LOOK_MS = 30_000;
/** What was allowed counts so long as if it were stored; by then a pass has seen it, or it was never stored. */
const REMEMBER_MS = 30_000;
const MOST_REMEMBERED = 500;

export interface AdmissionOptions {
  readonly store: ObjectStore;
  /** Name of the cluster in the store. */
  readonly cluster: string;
  readonly mode: AdmissionMode;
  readonly render: RenderOptions;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
  /** Told of a store that cannot be read and of a review that could not be judged; writes go on. */
  readonly onError: (error: unknown) => void;
}

export interface Admission {
  readonly judge: Judge;
  /** Looks at the store now. Never rejects. */
  look(): Promise<void>;
}

/** Judges the writes of one cluster from memory: the store is read beside that, and nobody waits for it. */
export function createAdmission({ store, cluster, mode, render, now, onError }: AdmissionOptions): Admission {
  const snapshots = createSnapshotStore(store, cluster);
  const recent = new Map<string, { readonly object: KubeObject | undefined; readonly at: number }>();
  let known = new Map<string, KubeObject>();
  let world: World | undefined;
  let looked = Number.NEGATIVE_INFINITY;
  let isLooking = false;

  async function look(): Promise<void> {
    looked = now();
    isLooking = true;
    try {
      const found = await snapshots.read();
      if (found === "unchanged") return;
      known = new Map(found?.objects.map((object) => [idOf(object), object]));
      world = found && createWorld(found);
      for (const [id, { object }] of recent) settle(id, object);
    } catch (error) {
      onError(error);
    } finally {
      isLooking = false;
    }
  }

  function settle(id: string, object: KubeObject | undefined): void {
    if (object) world?.put(object);
    else world?.remove(id);
  }

  function forget(): void {
    const oldest = now() - REMEMBER_MS;
    for (const [id, { at }] of recent) {
      if (at > oldest && recent.size <= MOST_REMEMBERED) return;
      recent.delete(id);
      settle(id, known.get(id));
    }
  }

  function remember({ after, before }: Review): void {
    const subject = after ?? before;
    if (!subject) return;
    const id = idOf(subject);
    recent.delete(id);
    recent.set(id, { object: after, at: now() });
    settle(id, after);
  }

  return {
    look,
    judge(request) {
      const age = now() - looked;
      if (age > (isLooking ? LONGEST_LOOK_MS : LOOK_EVERY_MS)) void look();
      try {
        forget();
        const review = readReview(request);
        if (!review) return NOTHING_TO_SAY;
        const verdict = judge(review, world, { mode, render, seen: { get: (id) => known.get(id) } });
        if (verdict.allowed && !request.dryRun) remember(review);
        return verdict;
      } catch (error) {
        onError(error);
        return NOTHING_TO_SAY;
      }
    },
  };
}
