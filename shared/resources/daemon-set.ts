import * as z from "zod/mini";
import { workloadShape } from "./workload.ts";

/** A DaemonSet, as far as it is read. */
export const daemonSetSchema = z.looseObject({ ...workloadShape, kind: z.literal("DaemonSet") });
export type DaemonSet = z.input<typeof daemonSetSchema>;
