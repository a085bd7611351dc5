import { nameOf } from "../render/problems.ts";
import type { Problem, RenderOptions } from "../render/result.ts";
import { effectsOf } from "./effects.ts";
import type { Judged } from "./judged.ts";
import { provenProblems } from "./proofs.ts";
import type { Review } from "./read-review.ts";
import { type AdmissionMode, NOTHING_TO_SAY, type Verdict } from "./verdict.ts";
import { whose } from "./whose.ts";
import { messageOf, textOf, warningsOf } from "./words.ts";
import type { World } from "./world.ts";

export interface JudgeOptions {
  readonly mode: AdmissionMode;
  readonly render: RenderOptions;
  /**
   * What a pass has seen. Whether an object is ours to refuse is decided by this alone: what else is in the world, whoever
   * may send reviews has said. Absent: the whole world.
   */
  readonly seen?: Pick<World, "get">;
}

/**
 * Judges a write by rendering. In the mode `deny` that is refused which the new object alone proves to be wrong, of an
 * object that is surely ours, and which was not so before the write; everything else is told. Pure.
 * @param world what the last pass left, with what was written since; undefined where nothing is known
 */
export function judge(review: Review, world: World | undefined, { mode, render, seen }: JudgeOptions): Verdict {
  const { after, before } = review;
  const subject = after ?? before;
  if (!subject) return say(review.problems, undefined, []);
  const owner = whose(subject, world, render.controllerName);
  // A Gateway of whose class nothing is known may be anybody's.
  if (owner === "foreign" || (owner === "unknown" && !world)) return NOTHING_TO_SAY;

  const proven = after ? provenProblems(after, render) : [];
  const denied = mode === "deny" && whose(subject, seen ?? world, render.controllerName) === "ours" ? newOnes(proven, before ? provenProblems(before, render) : []) : [];
  const effects = world ? effectsOf(review, world, render) : { problems: [], disrupts: [] };
  const told = new Set(proven.map(({ message }) => message));
  const others = effects.problems.filter(({ message }) => !told.has(message));
  const refused = new Set(denied);
  const warned = [...review.problems, ...proven.filter((one) => !refused.has(one)), ...others];
  const verdict = say(warned, subject, effects.disrupts);
  if (denied.length === 0) return verdict;
  return { ...verdict, allowed: false, message: messageOf(denied.map((one) => textOf(one, nameOf(subject)))) };
}

/** A mistake that was there before is no reason to refuse a label: where it stands in a list may have changed. */
function newOnes(now: readonly Problem[], before: readonly Problem[]): Problem[] {
  const known = new Set(before.map(({ reason, message }) => `${reason} ${message}`));
  return now.filter(({ reason, message }) => !known.has(`${reason} ${message}`));
}

function say(problems: readonly Problem[], subject: Judged | undefined, disrupts: readonly string[]): Verdict {
  const name = subject ? nameOf(subject) : "";
  const texts = [...problems.map((one) => textOf(one, name)), ...disrupts.map((one) => `disrupts: ${one}, calls there end`)];
  return { allowed: true, warnings: warningsOf([...new Set(texts)]) };
}
