import type { RenderResult } from "../render/result.ts";
import type { Counts } from "./report.ts";

/**
 * Classes, Gateways and routes are those that concern us: those that have a status of ours.
 * @param configs how many are served
 */
export function countsOf(result: RenderResult, configs: number): Counts {
  const count = (kind: string): number => result.statuses.filter((status) => status.kind === kind).length;
  return {
    gatewayClasses: count("GatewayClass"),
    gateways: count("Gateway"),
    routes: count("UDPRoute"),
    configs,
    held: result.held.configs.size,
    objects: result.objects.length,
  };
}
