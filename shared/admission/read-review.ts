import type { Problem } from "../render/result.ts";
import { STUNNER_GROUP } from "../resources/constants.ts";
import { KINDS } from "../resources/kinds.ts";
import { isMapping } from "../state/directory/convert.ts";
import { toObject } from "../state/live/to-object.ts";
import { compact } from "./compact.ts";
import { asJudged, isJudged, type Judged } from "./judged.ts";
import type { ReviewRequest } from "./verdict.ts";

/** A write to an object of a judged kind: what is there after it, and before. */
export interface Review {
  readonly after?: Judged;
  readonly before?: Judged;
  /** What is told of the object before anything else is looked at: retired fields, or why it cannot be read. */
  readonly problems: readonly Problem[];
}

/** Of a StaticService that is written so many prefixes are judged: that bounds the time that the write waits. */
const MOST_PREFIXES = 5000;

/**
 * Undefined where there is nothing to judge: another kind, an object that is on its way out, none at all; nor one of
 * Gateway API that cannot be read, which may be anybody's.
 */
export function readReview({ group, kind, operation, object, oldObject }: ReviewRequest): Review | undefined {
  if (!isJudged(group, kind)) return undefined;
  const after = operation === "DELETE" ? undefined : readOne(group, kind, object);
  const before = operation === "CREATE" ? undefined : readOne(group, kind, oldObject);
  if (after && !after.object) return group === STUNNER_GROUP ? { problems: after.problems } : undefined;
  if (after?.object?.metadata.deletionTimestamp !== undefined) return undefined;
  if (!after?.object && !before?.object) return undefined;
  return {
    ...(after?.object ? { after: after.object } : {}),
    ...(before?.object ? { before: before.object } : {}),
    problems: after?.problems ?? [],
  };
}

function readOne(group: string, kind: string, raw: unknown): { readonly object?: Judged | undefined; readonly problems: readonly Problem[] } | undefined {
  const info = KINDS.find((one) => one.group === group && one.kind === kind);
  if (!info || !isMapping(raw)) return undefined;
  const { object, problems, unreadable } = toObject(info, named(raw));
  if (unreadable) return { problems: [...problems, unreadable.problem] };
  return { object: asJudged(compact(object, MOST_PREFIXES)), problems };
}

/** The name of an object that asks for one is made after it has been reviewed. */
function named(raw: Record<string, unknown>): Record<string, unknown> {
  const { metadata } = raw;
  if (!isMapping(metadata) || metadata["name"] || typeof metadata["generateName"] !== "string") return raw;
  return { ...raw, metadata: { ...metadata, name: `${metadata["generateName"]}x` } };
}
