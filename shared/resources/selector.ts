import * as z from "zod/mini";
import { doc } from "./crd-metadata.ts";
import { list, textMap } from "./fields.ts";

const requirementSchema = z.looseObject({
  key: doc("Label that the requirement is about.", z.string()),
  operator: doc("How key and values relate: In, NotIn, Exists or DoesNotExist.", z.string()),
  values: doc("Values for In and NotIn; empty for Exists and DoesNotExist.", z.optional(list(z.string(), { type: "atomic" }))),
});
export type LabelSelectorRequirement = z.input<typeof requirementSchema>;

/** A label selector: everything in it must hold; an empty one selects all. */
export const labelSelectorSchema = doc(
  "Selects objects by their labels.",
  z.looseObject({
    matchExpressions: doc("Requirements on labels, all of which must hold.", z.optional(list(requirementSchema, { type: "atomic" }))),
    matchLabels: doc("Labels and the values they must have.", z.optional(textMap())),
  }),
  { mapType: "atomic" },
);
export type LabelSelector = z.input<typeof labelSelectorSchema>;
