import type { RenderOptions } from "../../shared/render/result.ts";
import { CONTROLLER_NAME, DEFAULT_LABEL_FILTER } from "../../shared/resources/constants.ts";

export type RenderSettings = Omit<RenderOptions, "published" | "released" | "now">;

/** What `serve` has without flags, in managed mode. */
export const RENDER_SETTINGS: RenderSettings = {
  controllerName: CONTROLLER_NAME,
  mode: "managed",
  endpointDiscovery: true,
  endpointSlices: true,
  onInvalid: "hold",
  referenceGrants: "permit",
  certificates: "verify",
  labelFilter: DEFAULT_LABEL_FILTER,
  configOrigin: "http://127.0.0.1:13478",
};

/** The same, with nothing published before. */
export const RENDER_OPTIONS: RenderOptions = { ...RENDER_SETTINGS, published: new Map(), released: new Set(), now: 0 };
