import * as z from "zod/mini";
import { LEGACY_CONFIG_MAP_KEY } from "../resources/constants.ts";
import type { ConfigMap } from "../resources/config-map.ts";

const listenersSchema = z.looseObject({
  listeners: z.optional(z.array(z.looseObject({ name: z.string(), cert: z.optional(z.string()), key: z.optional(z.string()) }))),
});

/** Certificates by listener name in the ConfigMap that is live: what was published last in legacy mode (I10). */
export function publishedInConfigMap(configMap: ConfigMap | undefined): ReadonlyMap<string, { cert: string; key: string }> {
  const found = listenersSchema.safeParse(parseJson(configMap?.data?.[LEGACY_CONFIG_MAP_KEY] ?? ""));
  const listeners = found.success ? (found.data.listeners ?? []) : [];
  return new Map(listeners.flatMap(({ name, cert, key }) => (cert && key ? [[name, { cert, key }]] : [])));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Somebody edited it; then there is nothing to hold on to.
    return undefined;
  }
}
