import type { Problem } from "../render/result.ts";
import type { Change } from "./report.ts";

/** What became of what is kept beside objects and statuses. */
export interface Kept {
  readonly changes: readonly Change[];
  readonly problems: readonly Problem[];
}

/**
 * Keeps it, after a pass that could read everything. What cannot be done is a problem and fails no pass.
 * @param permit awaited before each write; where it rejects, nothing is written, and that is what this rejects with
 */
export type Keep = (permit: () => Promise<void>) => Promise<Kept>;
