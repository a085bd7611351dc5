import { NODE_ADDRESS_PLACEHOLDER, STUNNER_ADDR, type StunnerdListener } from "../resources/stunnerd-config.ts";
import type { PublicAddress } from "./address.ts";
import type { JudgedListener } from "./judge.ts";

/**
 * A listener as stunnerd takes it (spec/rendering.md 5.5), or nothing where it is not to be rendered.
 * @param routes names of the attached routes
 * @param relayDiscovery the relay address is that of the node (I23)
 */
export function renderListener(
  gateway: string,
  judged: JudgedListener,
  address: PublicAddress | undefined,
  routes: readonly string[],
  relayDiscovery: boolean,
): StunnerdListener | undefined {
  const { listener, protocol, certificate, rendered, port } = judged;
  if (!rendered || !protocol) return undefined;
  return {
    name: `${gateway}/${listener.name}`,
    protocol: protocol.name,
    ...(address ? { public_address: address.value, public_port: address.port } : {}),
    address: relayDiscovery ? NODE_ADDRESS_PLACEHOLDER : STUNNER_ADDR,
    port,
    ...(certificate ? { cert: certificate.cert, key: certificate.key } : {}),
    ...(routes.length > 0 ? { routes: [...new Set(routes)].sort() } : {}),
  };
}
