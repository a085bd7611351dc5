import { positive } from "../../shared/serverless/positive.ts";
import type { Environment } from "../../shared/settings.ts";

/** What Terraform gives an instance at once by default (`watches_per_instance`). */
const DEFAULT_AT_ONCE = 250;

/**
 * Of an instance's watches, those of one token. Cloud Run starts another instance from 60 % on ("About instance autoscaling"),
 * so the pods of a large Gateway find room elsewhere before; one that is leaked does not shut out everybody else.
 */
const SHARE = 0.8;

/** Watches that one instance serves with the token of one Gateway, or with tokens of operators. */
export function watchersPerToken({ STUNNER_WATCHES_PER_INSTANCE: text }: Environment): number {
  return Math.max(1, Math.floor((positive(text) ?? DEFAULT_AT_ONCE) * SHARE));
}
