import type { LoadedCluster } from "../apply/cluster.ts";
import { title } from "../apply/title.ts";
import type { Problem, RenderResult } from "../render/result.ts";

/** So many names stand in a message. */
const MOST_NAMES = 20;

/**
 * Says that nothing is deleted while something cannot be read (`holdUnread`), and what that keeps as far as it is known:
 * a file that stays broken would otherwise keep it without a word.
 * @param published ids of the configurations that are served
 * @param frozen whether they may not change either
 */
export function deletionsWait(
  cluster: string,
  { unread, garbage }: Pick<LoadedCluster, "unread" | "garbage">,
  { deletions, configs, held }: Pick<RenderResult, "deletions" | "configs" | "held">,
  published: Iterable<string>,
  frozen: boolean,
): Problem[] {
  if (unread.length === 0) return [];
  const withdrawn = [...published].filter((id) => !configs.has(id) && !held.configs.has(id)).map((id) => `config ${id}`);
  const waiting = [...withdrawn, ...[...deletions, ...garbage].map(title)];
  const stay = frozen ? "nothing is deleted and no configuration or object that is there changes" : "nothing is deleted";
  const message = `${stay} until it can be read: ${names(unread)}; ${waiting.length > 0 ? `waiting to be deleted: ${names(waiting)}` : "so far nothing waits to be deleted"}`;
  return [{ severity: "warning", object: `Cluster ${cluster}`, field: "", reason: "DeletionsWait", message }];
}

function names(all: readonly string[]): string {
  const rest = all.length - MOST_NAMES;
  return `${all.slice(0, MOST_NAMES).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
