import * as z from "zod/mini";
import { workloadShape } from "./workload.ts";

/** A Deployment, as far as it is read. */
export const deploymentSchema = z.looseObject({ ...workloadShape, kind: z.literal("Deployment") });
export type Deployment = z.input<typeof deploymentSchema>;
