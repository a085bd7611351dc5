import { CONTROLLER_NAME, DEFAULT_LABEL_FILTER } from "../../shared/resources/constants.ts";
import type { RenderOptions } from "../../shared/render/result.ts";

/** The defaults of `serve`. */
export const RENDER_OPTIONS: RenderOptions = {
  controllerName: CONTROLLER_NAME,
  mode: "managed",
  endpointDiscovery: true,
  endpointSlices: true,
  onInvalid: "hold",
  referenceGrants: "permit",
  certificates: "verify",
  labelFilter: DEFAULT_LABEL_FILTER,
  configOrigin: "http://127.0.0.1:13478",
  published: new Map(),
  released: new Set(),
  now: 0,
};
