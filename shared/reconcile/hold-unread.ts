import { makeable, objectKey } from "../apply/ownership.ts";
import type { RenderResult } from "../render/result.ts";
import type { ClusterState } from "../resources/cluster.ts";

/** What a pass may do although something could not be read. */
export interface Unread {
  /** What could not be read now. */
  readonly now: readonly string[];
  /** What could not be read when the published configurations were rendered. */
  readonly before: readonly string[];
}

/**
 * Whether something is unread that was read when the published configurations were rendered. It may hold what they were
 * made of, so none of them may change.
 */
export function isNewlyUnread({ now, before }: Unread): boolean {
  return now.some((source) => !before.includes(source));
}

/**
 * Not read is not absent (DESIGN.md 2): while something is unread nothing is deleted or withdrawn, and what it may
 * have been part of stays as it is. What is new is made nevertheless.
 * @param published ids of the configurations that are served
 */
export function holdUnread(result: RenderResult, state: ClusterState, published: Iterable<string>, unread: Unread): RenderResult {
  if (unread.now.length === 0) return result;
  const stays = isNewlyUnread(unread);
  const configs = [...published].filter((id) => stays || !result.configs.has(id));
  const objects = stays ? [...makeable(state)].map(objectKey) : [];
  return {
    ...result,
    deletions: [],
    held: {
      configs: new Set([...result.held.configs, ...configs]),
      objects: new Set([...result.held.objects, ...objects]),
    },
  };
}
