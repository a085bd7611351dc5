import * as z from "zod/mini";
import { intOrString } from "../fields.ts";

const NUMBER = String.raw`(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))`;

/** The pattern of a Kubernetes quantity. */
export const QUANTITY = String.raw`^(\+|-)?${NUMBER}(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?${NUMBER}))?$`;

/** An amount of a resource: `250m`, `20M`, `1Gi`, 2. */
export const quantity = intOrString({ pattern: QUANTITY, words: "a quantity, such as 250m, 20M or 1Gi" });

/** Amounts by name of the resource. */
export const quantities = z.record(z.string(), quantity);
