import { HEALTH_CHECK_PORT_NAME } from "../resources/constants.ts";
import type { Service } from "../resources/service.ts";
import { healthCheckPort } from "./health-check-port.ts";
import type { JudgedListener } from "./judge.ts";
import type { ServiceSettings } from "./service-settings.ts";

export interface DesiredPort {
  name: string;
  protocol: "UDP" | "TCP";
  port: number;
  targetPort: number;
  nodePort?: number;
}

/**
 * Ports of the owned Service, in listener order: listeners with a known protocol and without conflict (I5), of one
 * transport only unless protocols may be mixed; then the health-check port (spec/resources.md 2.4, 2.5; I26). Empty
 * where no listener has one (I31).
 */
export function servicePorts(settings: ServiceSettings, listeners: readonly JudgedListener[], live: Service | undefined): DesiredPort[] {
  const transport = listeners.find((one) => one.protocol && !one.conflicted)?.protocol?.transport;
  const ports: DesiredPort[] = [];
  for (const { listener, protocol, conflicted, port } of listeners) {
    if (!protocol || conflicted || (!settings.mixedProtocols && protocol.transport !== transport)) continue;
    const desired = { name: listener.name, protocol: protocol.transport, port: listener.port, targetPort: port };
    const nodePort = settings.nodePorts.get(listener.name) ?? liveNodePort(live, listener.name, settings.type);
    ports.push(nodePort === undefined ? desired : { ...desired, nodePort });
  }
  if (ports.length === 0 || settings.type !== "LoadBalancer" || !settings.exposeHealthCheck) return ports;
  const health = healthCheckPort(settings.annotations);
  const clash = ports.some((one) => one.name === HEALTH_CHECK_PORT_NAME || (one.protocol === "TCP" && one.port === health));
  if (health !== undefined && !clash) ports.push({ name: HEALTH_CHECK_PORT_NAME, protocol: "TCP", port: health, targetPort: health });
  return ports;
}

/**
 * The node port that a port of this name has, wherever it moved (spec/resources.md 2.4.4). To follow what is live
 * keeps the number without ever disputing it.
 */
function liveNodePort(live: Service | undefined, name: string, type: ServiceSettings["type"]): number | undefined {
  if (type !== "NodePort" && type !== "LoadBalancer") return undefined;
  return live?.spec?.ports?.find((one) => one.name === name)?.nodePort || undefined;
}
