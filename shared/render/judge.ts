import type { ClusterState } from "../resources/cluster.ts";
import type { Gateway, Listener } from "../resources/gateway.ts";
import { allowedKinds, type AllowedKinds } from "./attachment.ts";
import { nameOf } from "./problems.ts";
import { ACCEPTED_PROTOCOLS, parseProtocol, type Protocol, type Transport } from "./protocol.ts";
import type { Problem, RenderOptions } from "./result.ts";
import type { PortMap } from "./port-map.ts";
import { certificateOf, type Certificate } from "./tls.ts";

/** A listener of a Gateway with everything that decides whether and how it is rendered. */
export interface JudgedListener {
  readonly listener: Listener;
  readonly protocol?: Protocol;
  readonly conflicted: boolean;
  readonly kinds: AllowedKinds;
  readonly certificate?: Pick<Certificate, "cert" | "key">;
  /** Why there is no certificate, or why it is the one published last (I10). */
  readonly certificateFailure?: Problem;
  /** The port that stunnerd listens on. */
  readonly port: number;
  readonly rendered: boolean;
  readonly problems: readonly Problem[];
}

/** Port spaces of one stunnerd that are taken; spaces by transport (spec/rendering.md 5.2). */
export type TakenPorts = Readonly<Record<Transport, Set<number>>>;

export interface Judging {
  readonly state: ClusterState;
  readonly options: RenderOptions;
  readonly gateway: Gateway;
  readonly targetPorts: PortMap;
  /** Ports that stunnerd listens on already, for other Gateways (legacy) or for itself; grows. */
  readonly taken: TakenPorts;
  /** Certificate and key published last for a listener, by its full name (I10). */
  readonly published: (listener: string) => Pick<Certificate, "cert" | "key"> | undefined;
}

/** Judges all listeners, in spec order: an earlier one wins a port (spec/rendering.md 5.1 to 5.3; I4, I14, I36, I39). */
export function judgeListeners(judging: Judging): JudgedListener[] {
  const reserved: TakenPorts = { UDP: new Set(), TCP: new Set() };
  return judging.gateway.spec.listeners.map((listener, index) => judge(judging, listener, `spec.listeners[${index}]`, reserved));
}

function judge(judging: Judging, listener: Listener, field: string, reserved: TakenPorts): JudgedListener {
  const object = nameOf(judging.gateway);
  const problems: Problem[] = [];
  const report = (at: string, reason: string, message: string) => problems.push({ severity: "error", object, field: `${field}.${at}`, reason, message });
  const kinds = allowedKinds(listener);
  for (const { group, kind } of kinds.invalid) {
    report("allowedRoutes.kinds", "InvalidRouteKinds", `kind ${kind} of group "${group}" cannot attach; accepted: UDPRoute`);
  }
  const protocol = parseProtocol(listener.protocol);
  if (!protocol) {
    report("protocol", "UnsupportedProtocol", `protocol "${listener.protocol}" is not supported; accepted: ${ACCEPTED_PROTOCOLS}`);
    return { listener, conflicted: false, kinds, port: listener.port, rendered: false, problems };
  }
  const port = judging.targetPorts.get(listener.name) ?? listener.port;
  const taken = judging.taken[protocol.transport];
  const conflicted = reserved[protocol.transport].has(listener.port) || taken.has(port);
  reserved[protocol.transport].add(listener.port);
  if (conflicted) {
    report("port", "PortUnavailable", `${protocol.transport} port ${port} is already in use; give each listener of a transport a port of its own`);
    return { listener, protocol, conflicted, kinds, port, rendered: false, problems };
  }
  const tls = protocol.tls ? pickCertificate(judging, listener, field) : {};
  if (tls.certificateFailure) problems.push(tls.certificateFailure);
  const rendered = !protocol.tls || tls.certificate !== undefined;
  if (rendered) taken.add(port);
  return { listener, protocol, conflicted, kinds, port, rendered, problems: [...problems, ...(tls.warnings ?? [])], ...tls };
}

interface Picked {
  readonly certificate?: Pick<Certificate, "cert" | "key">;
  readonly certificateFailure?: Problem;
  readonly warnings?: readonly Problem[];
}

function pickCertificate({ state, options, gateway, published }: Judging, listener: Listener, field: string): Picked {
  const found = certificateOf(state, options, gateway, listener, field);
  if (found.value) return { certificate: { cert: found.value.cert, key: found.value.key }, warnings: found.value.warnings };
  const { metadata } = gateway;
  const last = options.onInvalid === "hold" && holdable(found.failure) ? published(`${metadata.namespace}/${metadata.name}/${listener.name}`) : undefined;
  return { certificateFailure: found.failure, ...(last ? { certificate: last } : {}) };
}

/** What somebody withdrew on purpose is not held on to: a Secret that may no longer be read, a listener without TLS. */
function holdable(failure: Problem): boolean {
  return failure.reason !== "RefNotPermitted" && failure.field.includes(".certificateRefs");
}
