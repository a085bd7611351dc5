import type { Dataplane } from "../../resources/dataplane.ts";
import type { Delivery } from "../../resources/delivery.ts";
import { nameOf } from "../problems.ts";
import type { Problem } from "../result.ts";

const ORIGIN = "STUNNER_CONFIG_ORIGIN";

/** Where a Dataplane sends stunnerd somewhere else than the delivery provides for. It is what the user asked for, and stays. */
export function deliveryProblems(delivery: Delivery | undefined, dataplane: Dataplane): Problem[] {
  if (delivery === undefined || delivery.kind === "direct") return [];
  const { env = [], args = [] } = dataplane.spec ?? {};
  const problems: Problem[] = [];
  const warn = (field: string, message: string): void => {
    problems.push({ severity: "warning", object: nameOf(dataplane), field, reason: "DeliveryBypassed", message });
  };
  const index = env.findIndex(({ name }) => name === ORIGIN);
  if (index >= 0) warn(`spec.env[${index}]`, `with delivery ${delivery.kind} stunnerd is told by ${ORIGIN} where its configuration is; this value wins over it: leave it out`);
  const origin = args.findIndex((arg) => /^(?:-c|--config)(?:=|$)/.test(arg));
  if (origin >= 0) warn(`spec.args[${origin}]`, `with delivery ${delivery.kind} this wins over where the configuration is: leave it out`);
  return problems;
}
