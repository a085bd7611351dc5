import type { Gateway } from "../resources/gateway.ts";
import { keyOf } from "../resources/meta.ts";
import { hold, holdService, type Collector } from "./collector.ts";
import type { Context } from "./context.ts";
import { holdDelivery } from "./delivery/hold.ts";
import { invalidGatewayStatus } from "./gateway-status.ts";
import type { Problem } from "./result.ts";

/**
 * A Gateway for which nothing can be rendered (spec/rendering.md 2.5). Under `hold` everything of it keeps running;
 * under `teardown` it goes, but for the Service in legacy mode, which upstream leaves. Routes are told as always (I18).
 */
export function invalidateGateway(context: Context, out: Collector, gateway: Gateway, failure: Problem, reason: string): void {
  const { options } = context;
  const key = keyOf(gateway);
  const isHeld = options.onInvalid === "hold";
  if (isHeld) {
    hold(out, key);
    holdDelivery(out, context, key);
  } else if (options.mode === "legacy") holdService(out, context, key);
  context.problems.push(failure);
  out.statuses.push(invalidGatewayStatus(options, gateway, failure, reason, isHeld));
}
