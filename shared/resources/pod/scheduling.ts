import * as z from "zod/mini";
import { doc } from "../crd-metadata.ts";
import { int32, int64, list } from "../fields.ts";
import { labelSelectorSchema } from "../selector.ts";

/** A taint that a pod puts up with. */
export const tolerationSchema = z.looseObject({
  effect: doc("Effect of the taint; any when left out.", z.optional(z.string())),
  key: doc("Key of the taint; any when left out.", z.optional(z.string())),
  operator: doc("Exists or Equal.", z.optional(z.string())),
  tolerationSeconds: doc("For how long, with effect NoExecute.", z.optional(int64())),
  value: doc("Value of the taint.", z.optional(z.string())),
});

/** How pods spread over zones or nodes. */
export const topologySpreadConstraintSchema = z.looseObject({
  labelSelector: doc("Pods that are counted.", z.optional(labelSelectorSchema)),
  matchLabelKeys: doc("Label keys whose values are taken from the pod.", z.optional(list(z.string(), { type: "atomic" }))),
  maxSkew: doc("By how many pods places may differ.", int32()),
  minDomains: doc("Fewest places that must exist.", z.optional(int32())),
  nodeAffinityPolicy: doc("Whether node affinity counts: Honor or Ignore.", z.optional(z.string())),
  nodeTaintsPolicy: doc("Whether taints count: Honor or Ignore.", z.optional(z.string())),
  topologyKey: doc("Node label whose value makes a place.", z.string()),
  whenUnsatisfiable: doc("DoNotSchedule or ScheduleAnyway.", z.string()),
});
