import { isIPv6 } from "node:net";
import type { PortRange } from "./endpoint.ts";
import { ALL_PORTS } from "./endpoint.ts";

/** An endpoint of a STATIC cluster, taken apart (spec/stunnerd.md 7.1). */
export interface ParsedEndpoint {
  /** Without prefix length and range; IPv6 in its canonical spelling. */
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
  readonly range: PortRange;
  readonly network: Network;
}

/** A block of addresses as numbers; a single address is a block of one. Two blocks nest or have nothing in common. */
export interface Network {
  readonly first: bigint;
  readonly last: bigint;
}

const BITS = { ipv4: 32, ipv6: 128 } as const;

export function parseEndpoint(text: string): ParsedEndpoint {
  const [, target = "", low, high] = /^(.*?)(?::<(\d+)-(\d+)>)?$/.exec(text) ?? [];
  const range = low === undefined ? ALL_PORTS : { low: Number(low), high: Number(high) };
  const [bare = "", bits] = target.split("/");
  const family = isIPv6(bare) ? "ipv6" : "ipv4";
  const address = family === "ipv6" ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare;
  const host = BigInt(BITS[family] - Number(bits ?? BITS[family]));
  const first = ((family === "ipv6" ? ipv6Number(address) : ipv4Number(address)) >> host) << host;
  return { address, family, range, network: { first, last: first + (1n << host) - 1n } };
}

/** Whether every address of the second is in the first. */
export function contains(outer: ParsedEndpoint, inner: ParsedEndpoint): boolean {
  return outer.family === inner.family && outer.network.first <= inner.network.first && inner.network.last <= outer.network.last;
}

function ipv4Number(address: string): bigint {
  return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function ipv6Number(canonical: string): bigint {
  const [head = [], tail = []] = canonical.split("::").map((half) => half.split(":").filter((part) => part !== ""));
  const gap = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...gap, ...tail].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

/** Whether the ranges together have every port of the wanted one. */
export function covers(ranges: readonly PortRange[], wanted: PortRange): boolean {
  let next = wanted.low;
  for (const { low, high } of ranges.length > 1 ? [...ranges].sort((a, b) => a.low - b.low) : ranges) {
    if (low > next) break;
    next = Math.max(next, high + 1);
  }
  return next > wanted.high;
}
