/* Random values seldom satisfy the CEL rules of Gateway API, which span fields: these functions see to it. */

interface Listener {
  name: string;
  port: number;
  protocol: string;
  hostname?: string;
  tls?: { mode?: string; certificateRefs?: unknown[]; options?: object };
}
interface Address {
  type?: string;
  value?: string;
}
interface GatewayLike {
  spec: { listeners: Listener[]; addresses?: Address[] };
  status?: { addresses?: Address[] };
}
interface RouteLike {
  spec: { parentRefs?: object[]; rules: { backendRefs?: { group?: string; kind?: string; port?: number }[] }[] };
}

/** A Gateway that satisfies the rules of bundle 1.0 and 1.6. */
export function repairGateway(gateway: GatewayLike): void {
  gateway.spec.listeners.forEach((listener, index) => {
    listener.port = index + 1;
    if (["HTTP", "TCP", "UDP"].includes(listener.protocol)) {
      delete listener.tls;
      delete listener.hostname;
    }
    if (["TLS", "HTTPS"].includes(listener.protocol)) listener.protocol = "TURN-TLS";
    if (listener.tls && !listener.tls.certificateRefs?.length) listener.tls.mode = "Passthrough";
  });
  gateway.spec.addresses?.forEach(repairAddress);
  gateway.status?.addresses?.forEach(repairAddress);
}

function repairAddress(address: Address, index: number): void {
  if (address.type === "Hostname") address.value = `host-${index}.example`;
  if ((address.type ?? "IPAddress") === "IPAddress") address.value = index % 2 === 0 ? `192.0.2.${index}` : `2001:db8::${index}`;
}

/** A route that satisfies them: every parent is another one, every Service has a port. */
export function repairRoute(route: RouteLike): void {
  route.spec.parentRefs?.forEach((ref, index) => Object.assign(ref, { name: `parent-${index}` }));
  for (const rule of route.spec.rules) for (const ref of rule.backendRefs ?? []) ref.port ??= 1;
}
