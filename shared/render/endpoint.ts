import { isIP } from "node:net";

/** Whether stunnerd takes the text as an endpoint of a STATIC cluster, port range aside (spec/stunnerd.md 7.1). */
export function isAddressOrPrefix(text: string): boolean {
  const slash = text.indexOf("/");
  const family = isIP(slash < 0 ? text : text.slice(0, slash));
  if (family === 0 || text.includes("%")) return false;
  if (slash < 0) return true;
  const bits = text.slice(slash + 1);
  return /^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

export interface PortRange {
  readonly low: number;
  readonly high: number;
}

const LOWEST = 1;
const HIGHEST = 65_535;
export const ALL_PORTS: PortRange = { low: LOWEST, high: HIGHEST };

export const isPort = (value: number | undefined): value is number =>
  value !== undefined && Number.isInteger(value) && value >= LOWEST && value <= HIGHEST;

/** Values out of range and an `endPort` below `port` count as not given (spec/rendering.md 6.4, port range suffix). */
export function portRange(port: number | undefined, endPort: number | undefined): PortRange {
  const low = isPort(port) ? port : LOWEST;
  const high = isPort(port) ? port : HIGHEST;
  return { low, high: isPort(endPort) && endPort >= low ? endPort : high };
}

/** `:<low-high>`, or nothing where all ports are meant. */
export function rangeSuffix({ low, high }: PortRange): string {
  return low === LOWEST && high === HIGHEST ? "" : `:<${low}-${high}>`;
}
