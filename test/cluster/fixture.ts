import { CONTROLLER_NAME } from "../../shared/resources/constants.ts";
import { reference, type Manifest } from "./resource.ts";

const GATEWAY_API = "gateway.networking.k8s.io/v1";

/** A GatewayClass with its GatewayConfig, both of one name, and the Dataplane `default`. */
export function classOf(name: string, controllerName = CONTROLLER_NAME): Manifest[] {
  return [
    { ...reference("stunner.l7mp.io/v1", "Dataplane", "default"), spec: { image: "docker.io/l7mp/stunnerd:latest" } },
    {
      ...reference("stunner.l7mp.io/v1", "GatewayConfig", name, "default"),
      spec: { authType: "static", userName: "user", password: "Planted-password-of-the-class" },
    },
    {
      ...reference(GATEWAY_API, "GatewayClass", name),
      spec: { controllerName, parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", name, namespace: "default" } },
    },
  ];
}

/** A Gateway in `default` with one UDP listener. */
export function gateway(name: string, gatewayClassName: string, annotations: Record<string, string> = {}): Manifest {
  return {
    apiVersion: GATEWAY_API,
    kind: "Gateway",
    metadata: { name, namespace: "default", annotations },
    spec: { gatewayClassName, listeners: [{ name: "udp", port: 3478, protocol: "TURN-UDP" }] },
  };
}

/** A route in `default` to a Service of its name, from one or several Gateways. */
export function route(name: string, gateways: readonly string[], port?: number): Manifest {
  const target = { name, namespace: "default", ...(port === undefined ? {} : { port }) };
  return {
    ...reference("stunner.l7mp.io/v1", "UDPRoute", name, "default"),
    spec: { parentRefs: gateways.map((gatewayName) => ({ name: gatewayName })), rules: [{ backendRefs: [target] }] },
  };
}

/** The Service that a route goes to, and its EndpointSlice. */
export function backend(name: string, addresses: readonly string[] = ["10.244.9.1"]): Manifest[] {
  const metadata = { name, namespace: "default", labels: { "kubernetes.io/service-name": name } };
  return [
    { ...reference("v1", "Service", name, "default"), spec: { ports: [{ name: "rtp", port: 9001, protocol: "UDP" }] } },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata,
      addressType: "IPv4",
      endpoints: [{ addresses, conditions: { ready: true } }],
      ports: [{ name: "rtp", port: 9001, protocol: "UDP" }],
    },
  ];
}
