import { isIP } from "node:net";

/** What is wrong with an endpoint of a STATIC cluster (spec/stunnerd.md 7.1). */
export function flawOfStaticEndpoint(endpoint: string): string | undefined {
  const [, address = "", bits, low, high] = /^([^/<>]*?)(?:\/(\d{1,3}))?(?::<(\d+)-(\d+)>)?$/.exec(endpoint) ?? [];
  const family = isIP(address);
  if (family === 0 || address.includes("%")) return `endpoint "${endpoint}" is no IP address, prefix or either with a port range`;
  if (bits !== undefined && Number(bits) > (family === 4 ? 32 : 128)) return `endpoint "${endpoint}" has too long a prefix`;
  if (low === undefined || high === undefined) return undefined;
  const range = [Number(low), Number(high)] as const;
  const inOrder = range[0] >= 1 && range[0] <= range[1] && range[1] <= 65_535;
  return inOrder ? undefined : `endpoint "${endpoint}" has a port range that admits nothing`;
}

/** STRICT_DNS takes host names; addresses and port ranges admit nothing (spec/stunnerd.md 7.2). */
export function flawOfHostName(endpoint: string): string | undefined {
  const isName = isIP(endpoint) === 0 && /^[^\s:/<>[\]]+$/.test(endpoint);
  return isName ? undefined : `endpoint "${endpoint}" is no host name`;
}
