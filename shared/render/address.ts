import { isIP } from "node:net";
import type { ClusterState } from "../resources/cluster.ts";
import { OWNED_BY_LABEL, OWNED_BY_VALUE } from "../resources/constants.ts";
import type { Gateway } from "../resources/gateway.ts";
import { keyOf } from "../resources/meta.ts";
import type { Service } from "../resources/service.ts";
import type { Context } from "./context.ts";
import type { JudgedListener } from "./judge.ts";
import { isOwnedBy } from "./owner.ts";
import type { DesiredService } from "./service.ts";

export interface PublicAddress {
  readonly type: string;
  readonly value: string;
  readonly port: number;
}

interface ServicePort {
  readonly port: number;
  readonly protocol?: string | undefined;
  readonly nodePort?: number | undefined;
}

const PREFERENCE = ["LoadBalancer", "ExternalName", "NodePort", "ClusterIP"];

/**
 * The Service whose status tells the public addresses of a Gateway: what is desired, merged with what is live, so that
 * one pass arrives where upstream needs two; or one that the user made (spec/rendering.md 5.7 step 1).
 */
export function exposingService(
  { state, backends }: Pick<Context, "state" | "backends">,
  gateway: Gateway,
  desired: DesiredService | undefined,
  keepLive: boolean,
): Service | undefined {
  const key = keyOf(gateway);
  const isKnown = (one: Service) => one.metadata.labels?.[OWNED_BY_LABEL] === OWNED_BY_VALUE || backends.has(keyOf(one));
  const own = state.services.get(key);
  const candidates = (state.servicesByGateway.get(key) ?? []).filter(
    // One of the name of another Gateway is that one's, in this pass at the latest.
    (one) => one !== own && !state.gateways.has(keyOf(one)) && isKnown(one) && isOwnedBy(one, gateway),
  );
  if (desired) candidates.push(merged(desired, own));
  else if (keepLive && own && isOwnedBy(own, gateway)) candidates.push(own);
  return candidates.sort((a, b) => rank(a) - rank(b) || (keyOf(a) < keyOf(b) ? -1 : 1))[0];
}

const rank = (service: Service): number => PREFERENCE.indexOf(service.spec?.type ?? "ClusterIP");

function merged(desired: DesiredService, live: Service | undefined): Service {
  const ports = desired.spec.ports.map((port) => {
    const old = live?.spec?.ports?.find((one) => one.port === port.port && (one.protocol ?? "TCP") === port.protocol);
    return { ...(old?.nodePort ? { nodePort: old.nodePort } : {}), ...port };
  });
  return { ...desired, spec: { ...desired.spec, ports }, ...(live?.status ? { status: live.status } : {}) };
}

/** The address of a listener, or undefined (spec/rendering.md 5.7 step 2; I47). `node`: external address of some node. */
export function publicAddress(
  gateway: Gateway,
  { listener, protocol }: JudgedListener,
  service: Service | undefined,
  node: string | undefined,
): PublicAddress | undefined {
  const ports: readonly ServicePort[] = service?.spec?.ports ?? [];
  const index = ports.findIndex((one) => one.port === listener.port && (one.protocol ?? "TCP").toUpperCase() === protocol?.transport);
  const port = ports[index];
  if (!service || !port) return undefined;
  const [wanted] = gateway.spec.addresses ?? [];
  if (wanted?.value) return { type: wanted.type ?? "IPAddress", value: wanted.value, port: port.port };
  const ingress = service.spec?.type === "LoadBalancer" ? ingressAddress(service, index, port) : undefined;
  if (ingress) return ingress;
  const exposesNodes = service.spec?.type !== "ClusterIP" && service.spec?.type !== "ExternalName";
  return node && port.nodePort && exposesNodes ? addressOf(node, port.nodePort) : undefined;
}

function ingressAddress(service: Service, index: number, port: ServicePort): PublicAddress | undefined {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  for (const entry of ingress) {
    const told = entry.ports?.[index];
    const value = entry.ip || entry.hostname;
    if (told && value && told.port === port.port && told.protocol === (port.protocol ?? "TCP")) {
      return { type: entry.ip ? "IPAddress" : "Hostname", value, port: told.port };
    }
  }
  const [first] = ingress;
  const value = first?.ip || first?.hostname;
  return value ? { type: first?.ip ? "IPAddress" : "Hostname", value, port: port.port } : undefined;
}

const addressOf = (value: string, port: number): PublicAddress => ({ type: isIP(value) ? "IPAddress" : "Hostname", value, port });

/** External address of the first node that has one: ExternalIP, else ExternalDNS (spec/rendering.md 5.7). */
export function nodeAddress(state: ClusterState): string | undefined {
  for (const node of state.nodes.values()) {
    const of = (type: string) => node.status?.addresses?.find((one) => one.type === type)?.address;
    const address = of("ExternalIP") || of("ExternalDNS");
    if (address) return address;
  }
  return undefined;
}
