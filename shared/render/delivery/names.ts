import { createHash } from "node:crypto";

const SUFFIX = "-stunner-delivery";
const LONGEST = 253;

/** Name of the Secret and of the ConfigMap that belong to a Gateway's delivery: no name that somebody else would think of. */
export function deliveryName(gateway: string): string {
  if (gateway.length + SUFFIX.length <= LONGEST) return `${gateway}${SUFFIX}`;
  const mark = createHash("sha256").update(gateway).digest("hex").slice(0, 16);
  return `${gateway.slice(0, LONGEST - SUFFIX.length - mark.length - 1).replace(/[-.]+$/, "")}-${mark}${SUFFIX}`;
}
