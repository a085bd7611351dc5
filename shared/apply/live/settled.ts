import type { KubeObject } from "../../resources/meta.ts";
import { objectKey } from "../ownership.ts";
import { isSettled, type WritePlan } from "./plan-write.ts";

/**
 * What still differs after a write, because the API server, or an admission webhook, makes something else of what is
 * written: a mirror's name of an image, say. To write it again would change nothing, and cost a request each pass.
 */
export interface Settled {
  has(object: KubeObject, plan: WritePlan): boolean;
  /** @param plan made of the object as it was after a write */
  note(object: KubeObject, plan: WritePlan): void;
  /** Forgets what is not there any more. @param keys `Kind/namespace/name` */
  keep(keys: ReadonlySet<string>): void;
}

export function createSettled(): Settled {
  const known = new Map<string, string>();
  return {
    has: (object, plan) => known.get(objectKey(object)) === textOf(plan),
    note(object, plan) {
      if (isSettled(plan)) known.delete(objectKey(object));
      else known.set(objectKey(object), textOf(plan));
    },
    keep(keys) {
      for (const key of known.keys()) if (!keys.has(key)) known.delete(key);
    },
  };
}

function textOf({ differences, managedFields }: WritePlan): string {
  return JSON.stringify([differences, managedFields !== undefined]);
}
