import { isIP } from "node:net";
import type { RenderResult } from "../render/result.ts";
import type { Node } from "../resources/node.ts";
import { NODE_ADDRESS_PLACEHOLDER } from "../resources/stunnerd-config.ts";
import type { StunnerdConfig } from "../resources/stunnerd-config.ts";

/** Resolves a DNS name to its first IP address; rejects where it has none. */
export type Lookup = (name: string) => Promise<string>;

/**
 * External address of each node that has one: its first ExternalIP, else the first address that its ExternalDNS
 * resolves to (spec/cds.md 7). A name that does not resolve now keeps the address it had.
 */
export async function nodeAddresses(
  nodes: ReadonlyMap<string, Node>,
  lookup: Lookup,
  before: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all([...nodes].map(async ([name, node]) => [name, await externalAddress(node, lookup, before.get(name))] as const));
  return new Map(found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

/** Whether some configuration asks for them: else nobody does, and no name is resolved. */
export function asksForNodes(published: ReadonlyMap<string, StunnerdConfig>, { configs }: Pick<RenderResult, "configs">): boolean {
  const all = [...published.values(), ...[...configs.values()].map(({ config }) => config)];
  return all.some(({ listeners = [] }) => listeners.some(({ address }) => address === NODE_ADDRESS_PLACEHOLDER));
}

async function externalAddress(node: Node, lookup: Lookup, before: string | undefined): Promise<string | undefined> {
  const addresses = node.status?.addresses ?? [];
  const ip = addresses.find(({ type, address }) => type === "ExternalIP" && isIP(address) !== 0);
  if (ip) return ip.address;
  const dns = addresses.find(({ type }) => type === "ExternalDNS");
  if (!dns) return undefined;
  return lookup(dns.address).catch(() => before);
}
