import type { RenderOptions } from "../../shared/render/result.ts";
import type { Settings } from "../../shared/settings.ts";

/** What of the settings concerns the renderer. */
export function renderOptions(settings: Settings, configOrigin: string): Omit<RenderOptions, "published" | "released" | "now"> {
  const { controllerName, mode, endpointDiscovery, endpointSlices, onInvalid, referenceGrants, certificates, labelFilter } = settings;
  return { controllerName, mode, endpointDiscovery, endpointSlices, onInvalid, referenceGrants, certificates, labelFilter, configOrigin };
}
