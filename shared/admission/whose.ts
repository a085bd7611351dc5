import { GATEWAY_GROUP } from "../resources/constants.ts";
import { groupOf } from "../resources/kinds.ts";
import { gatewaysOf, type Judged } from "./judged.ts";
import type { World } from "./world.ts";

/** What decides: objects by id. */
type Known = Pick<World, "get">;

/**
 * Whether an object is for our controller. `unknown`: what decides it is not there, as in the middle of a first
 * `kubectl apply` of everything; then nothing is refused. Of what is foreign nothing is said.
 */
export type Whose = "ours" | "foreign" | "unknown";

export function whose(object: Judged, world: Known | undefined, controllerName: string): Whose {
  switch (object.kind) {
    case "GatewayClass":
      return object.spec.controllerName === controllerName ? "ours" : "foreign";
    case "Gateway":
      return whoseGateway(object, world, controllerName);
    case "UDPRoute": {
      if (groupOf(object.apiVersion) !== GATEWAY_GROUP) return "ours";
      const parents = gatewaysOf(object).map((id): Whose => {
        const gateway = world?.get(id) as Judged | undefined;
        return gateway?.kind === "Gateway" ? whoseGateway(gateway, world, controllerName) : "unknown";
      });
      return (["ours", "unknown"] as const).find((one) => parents.some((parent) => parent === one)) ?? "foreign";
    }
    default:
      return "ours";
  }
}

function whoseGateway({ spec }: Extract<Judged, { kind: "Gateway" }>, world: Known | undefined, controllerName: string): Whose {
  const found = world?.get(`${GATEWAY_GROUP}/GatewayClass/${spec.gatewayClassName}`) as Judged | undefined;
  if (found?.kind !== "GatewayClass") return "unknown";
  return found.spec.controllerName === controllerName ? "ours" : "foreign";
}
