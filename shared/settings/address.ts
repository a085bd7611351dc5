import { isIP, isIPv6 } from "node:net";

/** Where to listen. An IPv6 host has no brackets. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const LOOPBACK = "127.0.0.1";

/**
 * `host:port`, `[ipv6]:port` or `:port`, which means loopback (rule I48). Port 0 lets the system choose. Undefined
 * where it is none of these.
 */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*)):(?<port>\d{1,5})$/.exec(text);
  if (!match?.groups) return undefined;
  const { v6, name, port } = match.groups;
  if (v6 !== undefined && !isIPv6(v6)) return undefined;
  if (name && !isHost(name)) return undefined;
  if (Number(port) > 65_535) return undefined;
  return { host: v6 ?? (name || LOOPBACK), port: Number(port) };
}

/** A host name or an IP address without brackets. */
export function isHost(text: string): boolean {
  if (isIP(text)) return true;
  return text.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?$/i.test(text);
}

export function isLoopback(host: string): boolean {
  return host === "::1" || host.toLowerCase() === "localhost" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** `0.0.0.0` and `::`: good to listen on, of no use as an address to be sent to. */
export function isUnspecified(host: string): boolean {
  return host === "0.0.0.0" || /^[0:]+$/.test(host);
}

/** `http://host:port`, with the brackets that an IPv6 address needs. */
export function originOf({ host, port }: ListenAddress, scheme: "http" | "https" = "http"): string {
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
