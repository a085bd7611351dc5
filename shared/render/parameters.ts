import type { ClusterState } from "../resources/cluster.ts";
import { DEFAULT_DATAPLANE, STUNNER_GROUP } from "../resources/constants.ts";
import type { Dataplane } from "../resources/dataplane.ts";
import type { GatewayClass } from "../resources/gateway-class.ts";
import type { GatewayConfig } from "../resources/gateway-config.ts";
import type { Gateway } from "../resources/gateway.ts";
import { failed, type Outcome } from "./outcome.ts";
import { nameOf } from "./problems.ts";

/** The GatewayConfig of a class (spec/rendering.md 3.1; a malformed reference is told too, I12). */
export function gatewayConfigOf(state: ClusterState, gatewayClass: GatewayClass): Outcome<GatewayConfig> {
  const ref = gatewayClass.spec.parametersRef;
  const wrong = (field: string, message: string) => failed(nameOf(gatewayClass), field, "InvalidParameters", message);
  const field = "spec.parametersRef";
  if (!ref) return wrong(field, `parametersRef is missing; accepted: a GatewayConfig of group ${STUNNER_GROUP} with its namespace`);
  if (ref.group !== STUNNER_GROUP) return wrong(`${field}.group`, `parametersRef has group "${ref.group}"; accepted: ${STUNNER_GROUP}`);
  if (ref.kind !== "GatewayConfig") return wrong(`${field}.kind`, `parametersRef has kind "${ref.kind}"; accepted: GatewayConfig`);
  if (!ref.name) return wrong(`${field}.name`, "parametersRef has no name");
  if (!ref.namespace) return wrong(`${field}.namespace`, "parametersRef has no namespace; that of the GatewayConfig is needed");
  const found = state.gatewayConfigs.get(`${ref.namespace}/${ref.name}`);
  return found ? { value: found } : wrong(field, `GatewayConfig ${ref.namespace}/${ref.name} does not exist`);
}

export interface ClassParameters {
  readonly gatewayConfig: GatewayConfig;
  readonly dataplane: Dataplane;
}

/** What a class needs in managed mode (spec/rendering.md 2.2). */
export function classParameters(state: ClusterState, gatewayClass: GatewayClass): Outcome<ClassParameters> {
  const gatewayConfig = gatewayConfigOf(state, gatewayClass);
  if (gatewayConfig.failure) return gatewayConfig;
  const dataplane = dataplaneOf(state, gatewayConfig.value);
  return dataplane.failure ? dataplane : { value: { gatewayConfig: gatewayConfig.value, dataplane: dataplane.value } };
}

/** The Dataplane of a class (spec/resources.md 3.6). */
function dataplaneOf(state: ClusterState, gatewayConfig: GatewayConfig): Outcome<Dataplane> {
  const name = gatewayConfig.spec?.dataplane ?? DEFAULT_DATAPLANE;
  const found = state.dataplanes.get(name);
  return found ? { value: found } : failed(nameOf(gatewayConfig), "spec.dataplane", "InvalidParameters", `Dataplane ${name} does not exist`);
}

/** The Dataplane of one Gateway: its own, where `infrastructure.parametersRef` names one, else its class's (I41). */
export function gatewayDataplane(state: ClusterState, gateway: Gateway, ofClass: Dataplane): Outcome<Dataplane> {
  const ref = gateway.spec.infrastructure?.parametersRef;
  if (!ref) return { value: ofClass };
  const wrong = (message: string) => failed(nameOf(gateway), "spec.infrastructure.parametersRef", "InvalidParameters", message);
  if (ref.group !== STUNNER_GROUP || ref.kind !== "Dataplane") {
    return wrong(`${ref.kind} of group "${ref.group}" is not known; accepted: Dataplane of group ${STUNNER_GROUP}`);
  }
  const found = state.dataplanes.get(ref.name);
  return found ? { value: found } : wrong(`Dataplane ${ref.name} does not exist`);
}
