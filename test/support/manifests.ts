/** A class of ours with its parameters and the default Dataplane. */
export const PLATFORM = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: stunner }
spec:
  controllerName: stunner.l7mp.io/gateway-operator
  parametersRef: { group: stunner.l7mp.io, kind: GatewayConfig, namespace: stunner, name: config }
---
apiVersion: stunner.l7mp.io/v1
kind: GatewayConfig
metadata: { namespace: stunner, name: config }
spec: { realm: example.org, authType: static, userName: user-1, password: pass-1 }
---
apiVersion: stunner.l7mp.io/v1
kind: Dataplane
metadata: { name: default }
spec: { image: docker.io/l7mp/stunnerd:1.2.1, command: [stunnerd], args: [-w] }
`;

/** A Gateway in the namespace `media` with one listener `udp`. */
export function gateway(name: string, { port = 3478, className = "stunner" }: { port?: number; className?: string } = {}): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { namespace: media, name: ${name} }
spec:
  gatewayClassName: ${className}
  listeners: [{ name: udp, protocol: TURN-UDP, port: ${port} }]
`;
}

/** A route from a Gateway to a StaticService of the same name, with one address. */
export function route(name: string, gatewayName: string, address: string): string {
  return `
apiVersion: stunner.l7mp.io/v1
kind: UDPRoute
metadata: { namespace: media, name: ${name} }
spec:
  parentRefs: [{ name: ${gatewayName} }]
  rules: [{ backendRefs: [{ group: stunner.l7mp.io, kind: StaticService, name: ${name} }] }]
---
apiVersion: stunner.l7mp.io/v1
kind: StaticService
metadata: { namespace: media, name: ${name} }
spec: { prefixes: [${address}] }
`;
}
