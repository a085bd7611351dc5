import { BlockList, isIPv6 } from "node:net";
import type { PortRange } from "./endpoint.ts";
import { ALL_PORTS } from "./endpoint.ts";

/** An endpoint of a STATIC cluster, taken apart (spec/stunnerd.md 7.1). */
export interface ParsedEndpoint {
  /** Without prefix length and range; IPv6 in its canonical spelling. */
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
  readonly range: PortRange;
  /** What the prefix contains, and its length; undefined for a single address. */
  readonly prefix?: { readonly block: BlockList; readonly bits: number };
}

export function parseEndpoint(text: string): ParsedEndpoint {
  const [, target = "", low, high] = /^(.*?)(?::<(\d+)-(\d+)>)?$/.exec(text) ?? [];
  const range = low === undefined ? ALL_PORTS : { low: Number(low), high: Number(high) };
  const [bare = "", bits] = target.split("/");
  const family = isIPv6(bare) ? "ipv6" : "ipv4";
  const address = family === "ipv6" ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare;
  if (bits === undefined) return { address, family, range };
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return { address, family, range, prefix: { block, bits: Number(bits) } };
}

/** Whether every address of the second is in the first. Two that overlap contain one another, one way or both. */
export function contains(outer: ParsedEndpoint, inner: ParsedEndpoint): boolean {
  if (outer.family !== inner.family) return false;
  if (!outer.prefix) return !inner.prefix && outer.address === inner.address;
  return outer.prefix.block.check(inner.address, inner.family) && outer.prefix.bits <= (inner.prefix?.bits ?? Number.POSITIVE_INFINITY);
}

/** Whether the ranges together have every port of the wanted one. */
export function covers(ranges: readonly PortRange[], wanted: PortRange): boolean {
  let next = wanted.low;
  for (const { low, high } of [...ranges].sort((a, b) => a.low - b.low)) {
    if (low > next) break;
    next = Math.max(next, high + 1);
  }
  return next > wanted.high;
}
