import type { Secret } from "../../resources/secret.ts";
import { objectKey, want, type Collector } from "../collector.ts";
import type { Context } from "../context.ts";
import { isOwned } from "../release.ts";
import type { DesiredObject } from "../result.ts";
import { deliveryName } from "./names.ts";
import { tokenSecret } from "./objects.ts";

/**
 * What the running pods of a Gateway (`namespace/name`) mount stays (I10), but for the token: keys are rotated
 * although the Gateway is held, and a pod whose token is of a key that is gone would not hear when it is mended.
 */
export function holdDelivery(out: Collector, { state, options }: Context, key: string): void {
  const gateway = state.gateways.get(key);
  if (!gateway) return;
  const name = `${gateway.metadata.namespace ?? ""}/${deliveryName(gateway.metadata.name)}`;
  const [configMap, secret] = [state.configMaps.get(name), state.secrets.get(name)];
  for (const live of [configMap, secret]) if (live && isOwned(live, gateway)) out.heldObjects.add(objectKey(live));
  if (!secret || !isOwned(secret, gateway)) return;
  const { delivery } = options;
  if (delivery?.kind !== "proxy" && delivery?.kind !== "pull") return;
  const renewed = tokenSecret(delivery, gateway);
  // While the delivery is changed the held pods are of the one before.
  if (keysOf(renewed) === keysOf(secret)) want(out, renewed);
}

function keysOf(secret: DesiredObject | Secret): string {
  return Object.keys((secret as Secret).data ?? {}).sort().join();
}
