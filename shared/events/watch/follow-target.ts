import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { backoff } from "../backoff.ts";
import type { Change } from "../change.ts";
import { type Clock, pause } from "../clock.ts";
import { createKnownObjects } from "./known-objects.ts";
import { listTarget, watchTarget } from "./read-target.ts";
import type { Target } from "./targets.ts";

/** All times are milliseconds. */
export interface FollowOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** So long without a line, a watch counts as dead. Servers send a bookmark about every minute. */
  readonly stall: number;
  /** After a first failure, and at the most. */
  readonly retry: { readonly first: number; readonly longest: number };
  /** Whether the first list is known to whoever asks: then only what differs from it later is told. */
  readonly quiet: boolean;
  readonly onChange: (change: Change) => void;
  /** Called once when a target cannot be followed, and with undefined when it can be again. */
  readonly onTrouble: (target: Target, error: unknown) => void;
}

/** Seconds after which the server ends a watch; varied by as much again. */
const WATCH_SECONDS = 240;
/** A watch that ends sooner without news was as good as refused. */
const SHORTEST_WATCH = 1000;

/**
 * Lists and watches a target until `signal` aborts: goes on where a connection ended, lists anew where the server has
 * forgotten that version (410), and tells what has changed in between.
 * @param onListed called after the first try to list
 */
export async function followTarget(target: Target, options: FollowOptions, signal: AbortSignal, onListed: () => void): Promise<void> {
  const { clock, random, retry, onChange, onTrouble } = options;
  const known = createKnownObjects(target);
  let { quiet } = options;
  let isFirst = true;
  let position: string | undefined;
  let failures = 0;
  let isTroubled = false;

  async function list(): Promise<void> {
    const { objects, resourceVersion } = await listTarget(options.client, target, signal);
    const changes = known.replace(objects);
    position = resourceVersion;
    if (!quiet) for (const change of isFirst ? [...changes, ...absenceOf(target, objects)] : changes) onChange(change);
    isFirst = false;
    quiet = false;
  }

  async function watch(from: string): Promise<void> {
    const connection = new AbortController();
    const hangUp = () => connection.abort();
    const seconds = Math.round(WATCH_SECONDS * (1 + random()));
    const began = clock.now();
    let cancel = clock.after(options.stall, hangUp);
    try {
      for await (const news of watchTarget(options.client, target, from, seconds, AbortSignal.any([signal, connection.signal]))) {
        cancel();
        cancel = clock.after(options.stall, hangUp);
        position = news.resourceVersion;
        recovered();
        if (news.type !== "heard") for (const change of known.apply(news.type, news.object)) onChange(change);
      }
    } finally {
      cancel();
    }
    if (connection.signal.aborted) return;
    if (clock.now() - began >= SHORTEST_WATCH) recovered();
    else failures += 1;
  }

  function recovered(): void {
    failures = 0;
    if (isTroubled) onTrouble(target, undefined);
    isTroubled = false;
  }

  function failed(error: unknown): void {
    failures += 1;
    const isForgotten = error instanceof KubeError && error.status === 410;
    if (isForgotten) position = undefined;
    // That a version is forgotten is no trouble, unless it goes on.
    if (isTroubled || (isForgotten && failures <= 2)) return;
    isTroubled = true;
    onTrouble(target, error);
  }

  while (!signal.aborted) {
    try {
      if (position === undefined) await list();
      onListed();
      await watch(position ?? "");
    } catch (error) {
      if (signal.aborted) break;
      onListed();
      quiet = false;
      failed(error);
    }
    if (failures > 0) await pause(clock, backoff(retry, failures, random()), signal);
  }
  onListed();
}

/** Somebody refers to it, and it is not there: it may have gone since it was read. */
function absenceOf({ kind, apiVersion, namespace, name }: Target, objects: readonly unknown[]): Change[] {
  if (name === undefined || objects.length > 0) return [];
  return [{ group: kind.group, kind: kind.kind, apiVersion, ...(namespace === undefined ? {} : { namespace }), name, operation: "delete" }];
}
