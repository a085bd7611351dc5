import type { StunnerdListener } from "../resources/stunnerd-config.ts";

export type TurnProtocol = StunnerdListener["protocol"];
export type Transport = "UDP" | "TCP";

export interface Protocol {
  /** As it is rendered. */
  readonly name: TurnProtocol;
  /** Of the Service port, and the port space of stunnerd that it takes (spec/stunnerd.md 6.1). */
  readonly transport: Transport;
  readonly tls: boolean;
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  UDP: { name: "TURN-UDP", transport: "UDP", tls: false },
  TCP: { name: "TURN-TCP", transport: "TCP", tls: false },
  TLS: { name: "TURN-TLS", transport: "TCP", tls: true },
  DTLS: { name: "TURN-DTLS", transport: "UDP", tls: true },
};

export const ACCEPTED_PROTOCOLS = "TURN-UDP, TURN-TCP, TURN-TLS, TURN-DTLS, UDP, TCP, TLS, DTLS";

/**
 * Reads `listener.protocol`; undefined where TURN has no such protocol. Long and short names are alike, in any case
 * (spec/rendering.md 5.1; improvements I14, I36).
 */
export function parseProtocol(text: string): Protocol | undefined {
  const upper = text.toUpperCase();
  const short = upper.startsWith("TURN-") ? upper.slice("TURN-".length) : upper;
  return Object.hasOwn(PROTOCOLS, short) ? PROTOCOLS[short] : undefined;
}
