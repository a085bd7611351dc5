import { isIP, isIPv6 } from "node:net";
import type { StunnerdListener } from "../resources/stunnerd-config.ts";

type TurnProtocol = StunnerdListener["protocol"];

interface Form {
  readonly scheme: "turn" | "turns";
  readonly transport: "udp" | "tcp";
}

/** spec/stunnerd.md 6.4. */
const FORMS: ReadonlyMap<string, Form> = new Map<TurnProtocol, Form>([
  ["TURN-UDP", { scheme: "turn", transport: "udp" }],
  ["TURN-TCP", { scheme: "turn", transport: "tcp" }],
  ["TURN-TLS", { scheme: "turns", transport: "tcp" }],
  ["TURN-DTLS", { scheme: "turns", transport: "udp" }],
]);

/**
 * The URI of a listener (RFC 7065, spec/stunnerd.md 6.4), IPv6 addresses in brackets. Undefined where there is none: no
 * such protocol, or an address that may not stand in a URI.
 * @example turnUri("TURN-TLS", "203.0.113.9", 443) // "turns:203.0.113.9:443?transport=tcp"
 */
export function turnUri(protocol: string, address: string, port: number): string | undefined {
  const form = FORMS.get(protocol);
  const host = uriHost(address);
  return form && host !== undefined ? `${form.scheme}:${host}:${port}?transport=${form.transport}` : undefined;
}

/**
 * An address as it stands in a URI: an IPv4 address, an IPv6 address in brackets, or a host name. Undefined where it is
 * none of these, such as an address with a zone.
 */
export function uriHost(address: string): string | undefined {
  const bare = address.replace(/^\[(.*)\]$/, "$1");
  if (isIPv6(bare)) return bare.includes("%") ? undefined : `[${bare}]`;
  if (bare !== address) return undefined;
  return isIP(address) !== 0 || (address.length <= 253 && /^[a-z0-9_]([\w.-]*\w)?\.?$/i.test(address)) ? address : undefined;
}
