import type { KubeClient } from "../kube/client.ts";
import { KubeError } from "../kube/errors.ts";
import { objectPath } from "../kube/paths.ts";
import { kindOf } from "../resources/kinds.ts";
import { inParallel } from "../store/parallel.ts";
import { type Change, kindKey, objectName, type Visible } from "./change.ts";
import { type Clock, pause, SYSTEM_CLOCK } from "./clock.ts";
import { factsOf, type ObjectFacts } from "./object-facts.ts";

export interface WaitOptions {
  /** Milliseconds at the most; by default 1,000 (DESIGN.md 4.4). */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Told where there is no right to look. */
  readonly onRefused?: (error: KubeError) => void;
}

const LIMIT = 1000;
/** Between two looks: the first write is stored within milliseconds, most others within tens of them. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 100;
/** Of more objects at once only so many are looked at; the pass that looks once more sees the others. */
const MOST = 20;
const WIDTH = 8;

/** Only metadata is asked for: Secrets among others are none of our business here. */
const METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/**
 * Waits until writes that were announced before they were stored can be seen, or the limit is over. To be called before
 * any lease is taken. Never rejects: what cannot be read is not waited for.
 */
export async function untilVisible(client: KubeClient, changes: readonly Change[], options: WaitOptions = {}): Promise<void> {
  const { limit = LIMIT, clock = SYSTEM_CLOCK } = options;
  const limited = new AbortController();
  const cancel = clock.after(limit, () => limited.abort());
  const over = AbortSignal.any([limited.signal, ...(options.signal ? [options.signal] : [])]);
  // The last announcement of an object is that of its newest version.
  const last = new Map(changes.filter(isAwaited).map((change) => [`${kindKey(change)}/${objectName(change)}`, change]));
  await inParallel([...last.values()].slice(0, MOST), WIDTH, async (change) => {
    for (let wait = FIRST_PAUSE; !over.aborted; wait = Math.min(LONGEST_PAUSE, wait * 2)) {
      if ((await look(client, change, over, options.onRefused)) !== "not-yet") return;
      await pause(clock, wait, over);
    }
  });
  cancel();
}

type AwaitedChange = Change & { readonly visible: Visible; readonly apiVersion: string };

function isAwaited(change: Change): change is AwaitedChange {
  const { apiVersion, kind, name, visible } = change;
  return visible !== undefined && name !== "" && apiVersion !== undefined && kindOf({ apiVersion, kind }) !== undefined;
}

async function look(client: KubeClient, change: AwaitedChange, signal: AbortSignal, onRefused: WaitOptions["onRefused"]): Promise<"visible" | "not-yet" | "unreadable"> {
  const { apiVersion, kind, namespace, name, visible } = change;
  const path = objectPath({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) });
  try {
    const { body } = await client.request({ method: "GET", path, accept: METADATA_ONLY, signal });
    return isVisible(visible, factsOf(body)) ? "visible" : "not-yet";
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) onRefused?.(error);
    if (!(error instanceof KubeError) || error.status !== 404) return "unreadable";
    return isVisible(visible, undefined) ? "visible" : "not-yet";
  }
}

/** Whether a write shows in what is stored now (DESIGN.md 4.4). @param live undefined: there is no such object */
export function isVisible(visible: Visible, live: Pick<ObjectFacts, "uid" | "generation" | "resourceVersion" | "isBeingDeleted"> | undefined): boolean {
  switch (visible.until) {
    case "created":
      return live !== undefined && (visible.uid === undefined || live.uid === visible.uid);
    case "deleted":
      return live === undefined || live.isBeingDeleted || (visible.uid !== undefined && live.uid !== visible.uid);
    case "updated":
      // Gone in the meantime: nothing to wait for.
      if (live === undefined) return true;
      return visible.generation === undefined
        ? live.resourceVersion !== visible.resourceVersion
        : (live.generation ?? 0) >= visible.generation;
  }
}
