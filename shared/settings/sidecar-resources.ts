import * as z from "zod/mini";
import type { SidecarResources } from "../resources/delivery.ts";
import { quantities } from "../resources/pod/quantity.ts";

export const sidecarResourcesSchema = z.strictObject({ limits: z.optional(quantities), requests: z.optional(quantities) });

/** Undefined where the text is no JSON of limits and requests. */
export function parseSidecarResources(text: string): SidecarResources | undefined {
  try {
    return sidecarResourcesSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
