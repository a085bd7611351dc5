import type { GatewayClass } from "../resources/gateway-class.ts";
import { condition, mergeConditions } from "./conditions.ts";
import type { DesiredStatus, Problem, RenderOptions } from "./result.ts";

/** Status of a class of ours (spec/rendering.md 3.2; I11, I12). */
export function classStatus(options: RenderOptions, gatewayClass: GatewayClass, failure: Problem | undefined): DesiredStatus {
  const { generation } = gatewayClass.metadata;
  const accepted = failure
    ? condition("Accepted", "False", "InvalidParameters", `${failure.object}: ${failure.message}`, generation)
    : condition("Accepted", "True", "Accepted", `class is managed by controller ${options.controllerName}`, generation);
  return {
    apiVersion: gatewayClass.apiVersion,
    kind: "GatewayClass",
    name: gatewayClass.metadata.name,
    status: { ...gatewayClass.status, conditions: mergeConditions(gatewayClass.status?.conditions, [accepted]) },
  };
}
