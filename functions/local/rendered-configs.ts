import type { RenderResult } from "../../shared/render/result.ts";
import { LEGACY_CONFIG_MAP_KEY, LEGACY_CONFIG_MAP_NAME } from "../../shared/resources/constants.ts";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import { isObject } from "../../shared/apply/json.ts";

/** Every stunnerd configuration of a result: those that CDS serves, and in legacy mode those in ConfigMaps. */
export function renderedConfigs(result: Pick<RenderResult, "configs" | "objects">): StunnerdConfig[] {
  const legacy = result.objects
    .filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === LEGACY_CONFIG_MAP_NAME)
    .map((configMap) => (isObject(configMap["data"]) ? configMap["data"][LEGACY_CONFIG_MAP_KEY] : undefined))
    .filter((text): text is string => typeof text === "string" && text !== "")
    .map((text) => JSON.parse(text) as StunnerdConfig);
  return [...[...result.configs.values()].map(({ config }) => config), ...legacy];
}
