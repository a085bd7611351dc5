import { readFileSync } from "node:fs";
import * as z from "zod/mini";

const counts = z.record(z.string(), z.number());
const milliseconds = z.object({ wall: z.number(), cpu: z.number() });

const resultSchema = z.object({
  /** Day on which it was measured. */
  date: z.string(),
  runs: z.array(z.object({ clusters: z.number(), gateways: z.number(), phases: z.record(z.string(), counts), kept: z.number() })),
  /** By Gateways of the cluster, then by phase and function: milliseconds of a call, medians. */
  took: z.record(z.string(), z.record(z.string(), milliseconds)),
});
export type FleetResult = z.infer<typeof resultSchema>;
export type FleetResultRun = FleetResult["runs"][number];

export const RESULT_FILE = new URL("fleet-result.json", import.meta.url);

export function readResult(): FleetResult {
  return resultSchema.parse(JSON.parse(readFileSync(RESULT_FILE, "utf8")));
}

/** One line per phase: differences can be read. */
export function resultText({ date, runs, took }: FleetResult): string {
  const texts = runs.map(({ clusters, gateways, phases, kept }) =>
    `    { "clusters": ${clusters}, "gateways": ${gateways}, "kept": ${kept}, "phases": {\n${lines(Object.entries(phases), "      ")}\n    } }`);
  return `{\n  "date": ${JSON.stringify(date)},\n  "runs": [\n${texts.join(",\n")}\n  ],\n  "took": {\n${lines(Object.entries(took), "    ")}\n  }\n}\n`;
}

function lines(entries: readonly (readonly [string, unknown])[], indent: string): string {
  return entries.map(([key, value]) => `${indent}${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(",\n");
}
