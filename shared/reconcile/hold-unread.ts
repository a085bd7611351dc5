import { makeable, objectKey } from "../apply/ownership.ts";
import type { RenderResult } from "../render/result.ts";
import type { ClusterState } from "../resources/cluster.ts";
import { unreadStatuses } from "./unread-status.ts";

/** What could not be read. */
export interface Unread {
  /** Now. */
  readonly now: readonly string[];
  /** Those of them that may have been read by an earlier process, so that what they held is not known at all. */
  readonly unknown: readonly string[];
  /** When the published configurations were rendered. */
  readonly before: readonly string[];
}

/** Whether something is unread of which the published configurations may have been made: none of them may change then. */
export function freezes({ unknown, before }: Unread): boolean {
  return unknown.some((source) => !before.includes(source));
}

/**
 * Not read is not absent (DESIGN.md 2): while something is unread nothing is deleted or withdrawn, and where it may
 * have been part of what is published, that stays as it is, and so do the statuses: they would say that it is not there.
 * Those of classes say what could not be read. What is new is made nevertheless.
 * @param published ids of the configurations that are served
 */
export function holdUnread(result: RenderResult, state: ClusterState, controllerName: string, published: Iterable<string>, unread: Unread): RenderResult {
  if (unread.now.length === 0) return result;
  const frozen = freezes(unread);
  const configs = [...published].filter((id) => frozen || !result.configs.has(id));
  const objects = frozen ? [...makeable(state)].map(objectKey) : [];
  return {
    ...result,
    deletions: [],
    statuses: frozen ? unreadStatuses(state, controllerName, unread.now) : result.statuses,
    held: {
      configs: new Set([...result.held.configs, ...configs]),
      objects: new Set([...result.held.objects, ...objects]),
    },
  };
}
