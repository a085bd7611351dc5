import { hasPlaceholder } from "./patch.ts";
import type { ConfigEntry, ConfigSource } from "./source.ts";

/** After a change there is often another: so long is asked every second. */
const RECENT_MS = 120_000;
const SOON_SECONDS = 1;
export const DEFAULT_POLL_SECONDS = 10;

export interface PollInterval {
  /**
   * Seconds after which a client on this node should ask for a configuration again (DESIGN.md 4.3).
   * @param isNews it had another one: whoever serves has perhaps begun after the change, and sees it by that
   */
  of(entry: ConfigEntry, node: string, isNews: boolean): number;
  stop(): void;
}

/**
 * @param seconds while nothing changes
 * @param now milliseconds of a clock that never goes back
 */
export function createPollInterval(source: ConfigSource, seconds: number, now: () => number = () => performance.now()): PollInterval {
  const changed = new Map<string, number>();
  const moved = new Map<string, number>();
  // What is there at the first look has not changed just because this process is new: all pods would storm it.
  let isKnown = source.ready;
  const isRecent = (time: number | undefined): boolean => time !== undefined && now() - time < RECENT_MS;
  const stop = source.subscribe((change) => {
    const isFirst = !isKnown && change.deleted.length === 0 && change.changed.length === source.entries.size;
    isKnown = true;
    if (isFirst) return;
    for (const times of [changed, moved]) for (const [key, time] of times) if (!isRecent(time)) times.delete(key);
    for (const { id } of change.changed) changed.set(id, now());
    for (const node of change.nodes) moved.set(node, now());
  });
  return {
    of(entry, node, isNews) {
      isKnown = true;
      if (isNews) changed.set(entry.id, now());
      const isNew = isRecent(changed.get(entry.id)) || (isRecent(moved.get(node)) && hasPlaceholder(entry.text));
      return isNew ? Math.min(SOON_SECONDS, seconds) : seconds;
    },
    stop,
  };
}
