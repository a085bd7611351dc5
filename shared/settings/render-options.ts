import type { RenderOptions } from "../render/result.ts";
import type { Settings } from "../settings.ts";
import { type DeliveryContext, deliveryOf } from "./delivery.ts";

/**
 * What of the settings concerns the renderer.
 * @param context with `url`: where pods reach CDS
 * @throws {InvalidDelivery} the settings of the delivery do not go together
 */
export function renderOptionsOf(settings: Settings, context: DeliveryContext): Omit<RenderOptions, "published" | "released" | "now"> {
  const { controllerName, mode, endpointDiscovery, endpointSlices, onInvalid, referenceGrants, certificates, labelFilter } = settings;
  const options = { controllerName, mode, endpointDiscovery, endpointSlices, onInvalid, referenceGrants, certificates, labelFilter, configOrigin: context.url };
  const delivery = deliveryOf(settings, context);
  return delivery.kind === "direct" ? options : { ...options, delivery };
}
