import { isIP } from "node:net";
import { NODE_ADDRESS_PLACEHOLDER, STUNNER_ADDR } from "../resources/stunnerd-config.ts";
import type { ConfigSource } from "./source.ts";

/**
 * A key `address` whose whole value is the placeholder. In JSON text this cannot be part of a string: the quote in
 * front of the key would be escaped there.
 */
const ADDRESS = new RegExp(String.raw`"address"\s*:\s*"${NODE_ADDRESS_PLACEHOLDER}"`, "g");

/** Whether a configuration may look different from node to node. Most do not, and are never parsed or copied. */
export function hasPlaceholder(text: Buffer): boolean {
  return text.includes(NODE_ADDRESS_PLACEHOLDER);
}

/**
 * The configuration for a client whose relay address this is (spec/cds.md 7).
 * @param address an IP literal, or `$STUNNER_ADDR`
 * @returns the very same Buffer where no listener address is the placeholder
 */
export function patchAddress(text: Buffer, address: string): Buffer {
  if (!hasPlaceholder(text)) return text;
  return Buffer.from(text.toString("utf8").replaceAll(ADDRESS, () => `"address":"${address}"`));
}

/**
 * What stands for the placeholder on a node: its external IP address, or `$STUNNER_ADDR`, which stunnerd replaces by
 * its pod's. Anything but an IP literal would close a running listener for good (spec/cds.md 6.3).
 */
export function relayAddress(source: Pick<ConfigSource, "nodeAddress">, node: string): string {
  const address = node === "" ? undefined : source.nodeAddress(node);
  return address !== undefined && isIP(address) !== 0 && !address.includes("%") ? address : STUNNER_ADDR;
}
