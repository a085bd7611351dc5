import type { FieldPath } from "./field-path.ts";
import { formatPath } from "./field-path.ts";

/** What to write where something that is commonly forgotten is missing, by kind and field. */
const REMEDIES: Readonly<Record<string, string>> = {
  "GatewayClass spec.parametersRef.group": "write group: stunner.l7mp.io",
  "GatewayClass spec.parametersRef.kind": "write kind: GatewayConfig",
  "GatewayClass spec.parametersRef.name": "write the name of the GatewayConfig",
  "GatewayClass spec.controllerName": "write controllerName: stunner.l7mp.io/gateway-operator",
  "Gateway spec.gatewayClassName": "write the name of a GatewayClass",
  "StaticService spec.prefixes": "write the addresses, such as prefixes: [192.0.2.0/24]",
};

/** The same message, with the remedy where one is known. */
export function withRemedy(kind: string, path: FieldPath, message: string): string {
  const remedy = REMEDIES[`${kind} ${formatPath(path)}`];
  return remedy === undefined ? message : `${message}; ${remedy}`;
}
