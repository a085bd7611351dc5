import { readReview } from "../../shared/admission/read-review.ts";
import { judge } from "../../shared/admission/judge.ts";
import type { Snapshot } from "../../shared/admission/snapshot.ts";
import type { AdmissionMode, ReviewRequest, Verdict } from "../../shared/admission/verdict.ts";
import { createWorld } from "../../shared/admission/world.ts";
import type { RenderOptions } from "../../shared/render/result.ts";
import { groupOf } from "../../shared/resources/kinds.ts";
import { type JsonObject, textOf } from "./json.ts";
import { RENDER_OPTIONS } from "./render-settings.ts";

export const EMPTY: Snapshot = { objects: [], absent: [] };

/** What an API server says of a write: of an object that comes, of one that changes from `before`, of one that goes. */
export function request(after: JsonObject | undefined, before?: JsonObject): ReviewRequest {
  const object = after ?? before;
  if (!object) throw new TypeError("a write is of an object");
  const operation = after ? (before ? "UPDATE" : "CREATE") : "DELETE";
  return { group: groupOf(textOf(object, "apiVersion")), kind: textOf(object, "kind"), operation, dryRun: false, object: after ?? null, oldObject: before ?? null };
}

/** A snapshot that holds these objects of judged kinds. */
export function knowing(...objects: JsonObject[]): Snapshot {
  return { ...EMPTY, objects: objects.flatMap((one) => readReview(request(one))?.after ?? []) };
}

/** Judges as the event endpoint does. `snapshot` undefined: nothing is known. */
export function judged(
  write: ReviewRequest,
  { snapshot = EMPTY, mode = "warn", render = RENDER_OPTIONS, blind = false }: { snapshot?: Snapshot; mode?: AdmissionMode; render?: RenderOptions; blind?: boolean } = {},
): Verdict {
  const review = readReview(write);
  if (!review) return { allowed: true, warnings: [] };
  return judge(review, blind ? undefined : createWorld(snapshot), { mode, render });
}

/** The warnings as the sentences that they were before they were broken into lines. */
export function sentences({ warnings }: Verdict): string[] {
  return warnings.join("\n").replaceAll("\n... ", " ").split("\n").filter((line) => line !== "");
}
