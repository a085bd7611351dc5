import { readFileSync } from "node:fs";
import type { RenderOptions } from "../../shared/render/result.ts";
import type { GatewayIdentity } from "../../shared/resources/delivery.ts";
import { InvalidDelivery } from "../../shared/settings/delivery.ts";
import { renderOptionsOf } from "../../shared/settings/render-options.ts";
import type { Settings } from "../../shared/settings.ts";
import { CommandFailure, reasonOf } from "./fail.ts";

/**
 * What of the settings concerns the renderer.
 * @param configOrigin where pods reach CDS
 * @param token what opens the configuration of a Gateway; absent: tokens are not in use
 * @throws {CommandFailure} the settings of the delivery do not go together
 */
export function renderOptions(
  settings: Settings,
  configOrigin: string,
  token?: (gateway: GatewayIdentity) => string,
): Omit<RenderOptions, "published" | "released" | "now"> {
  try {
    return renderOptionsOf(settings, { url: configOrigin, ca: readCa(settings), token });
  } catch (error) {
    if (error instanceof InvalidDelivery) throw new CommandFailure(error.message, 2, error);
    throw error;
  }
}

/** A text in PEM, or the file that holds it. */
function readCa({ cluster, cdsCa }: Settings): string {
  if (cdsCa === "" || cdsCa.includes("-----BEGIN")) return cdsCa;
  try {
    return readFileSync(cdsCa, "utf8");
  } catch (error) {
    throw new CommandFailure(`cluster ${cluster}: cds-ca=${cdsCa}: ${reasonOf(error)}`, 2, error);
  }
}
