import type { Environment } from "../settings.ts";
import { positive } from "./positive.ts";

const KIB = 1024;
/** What both modules of Terraform give `reconcile` (their variable `functions`). */
const DEFAULT_MIB = 512;
/** The rest is for the pass itself, whose part grows with the largest cluster, and for Node. */
const PART = 1 / 3;
/** Measured with 1, 50 and 500 Gateways (docs/scale.md, "What an instance keeps"): so much for a cluster, and for each Gateway. */
const EACH = 66 * KIB;

/** Bytes that an instance keeps of a cluster between passes. @param configs configurations that are published of it */
export function keptBytes(configs: number): number {
  return EACH * (1 + configs);
}

/**
 * Bytes that all clusters may hold together that an instance keeps open: a third of its memory, as Lambda tells it, or Terraform on
 * Google Cloud, where a function is told nothing.
 */
export function roomOf(env: Environment): number {
  return (positive(env["STUNNER_MEMORY_MIB"] ?? env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) ?? DEFAULT_MIB) * KIB * KIB * PART;
}
