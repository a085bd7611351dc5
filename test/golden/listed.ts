import { readFileSync } from "node:fs";
import { sameJson, type Json, type JsonObject } from "../support/json.ts";
import type { Difference } from "./differences.ts";

/** A difference that a rule of spec/improvements.md explains. */
export interface Improvement {
  readonly scenario: string;
  readonly step: number | "*";
  /** Regular expression for the whole printed difference. */
  readonly difference: string;
  readonly rule: string;
  /** All of what there is, where the printed difference shows only the beginning. */
  readonly got?: Json;
  readonly pattern: RegExp;
}

/** A write that a real API server refuses: the reason why the recording exists. */
export interface ListedRefusal {
  readonly scenario: string;
  readonly step: number;
  readonly object: string;
  /** The field. */
  readonly refused: string;
  readonly why: string;
  /** Upstream's write, where a rule of spec/improvements.md has us write something else. */
  readonly avoided?: { readonly rule: string; readonly write: JsonObject };
}

const read = <T>(file: string): T[] => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as T[];

export const improvements: readonly Improvement[] = read<Improvement>("improvements.json").map((entry) => ({
  ...entry,
  pattern: new RegExp(`^(?:${entry.difference})$`),
}));
export const refusals: readonly ListedRefusal[] = read("refusals.json");

/** The entries of improvements.json that explain a difference in a step of a scenario. */
export function explanations(scenario: string, step: number, { text, whole }: Difference): Improvement[] {
  return improvements.filter(
    (entry) =>
      (entry.scenario === "*" || entry.scenario === scenario) &&
      (entry.step === "*" || entry.step === step) &&
      entry.pattern.test(text) &&
      sameJson(entry.got, whole),
  );
}

/** The refused writes of a scenario that are ours too. */
export const refusalsOfOurs = (scenario: string): ListedRefusal[] =>
  refusals.filter((entry) => entry.scenario === scenario && entry.avoided === undefined);
