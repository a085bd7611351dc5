import type { DesiredObject } from "../../render/result.ts";
import type { KubeObject } from "../../resources/meta.ts";
import type { FieldDifference } from "../cluster.ts";
import { isObject, sameJson, type JsonObject } from "../json.ts";
import { type Difference, differences } from "./differences.ts";
import { fieldText } from "./field-path.ts";
import { missing, valueAt } from "./fields-v1.ts";
import { intruders } from "./intruders.ts";
import { managerOf } from "./managers.ts";
import { ownership } from "./take-over.ts";

/** What a write would do to a live object. */
export interface WritePlan {
  /** Fields that it would change: ours that are not as wanted, and ours, or in our way, that are not wanted. */
  readonly differences: readonly FieldDifference[];
  /** Whether the object does not say which fields are ours, so that none of them could be given back later. */
  readonly isUnsigned: boolean;
  /** managedFields that must be set first. */
  readonly managedFields?: readonly unknown[];
}

/** @param live as the API server has it, with its managedFields */
export function planWrite(live: KubeObject, desired: DesiredObject): WritePlan {
  const [from, to] = [live as JsonObject, desired as JsonObject];
  const { isNew, ours, managedFields } = ownership(live, to, intruders(from, to));
  const unwanted = missing(ours, to).flatMap((path): Difference[] => {
    const value = path.reduce<unknown>(valueAt, from);
    return value === undefined ? [] : [{ path, wanted: undefined, live: value }];
  });
  const found = [...differences(from, to), ...unwanted].map(({ path, wanted, live: value }): FieldDifference => {
    const manager = managerOf(live, path);
    return { field: fieldText(path), wanted, live: value, ...(manager === undefined ? {} : { manager }) };
  });
  return { differences: found, isUnsigned: isNew, ...(managedFields ? { managedFields } : {}) };
}

/** Whether nothing need be written. */
export function isSettled({ differences: found, isUnsigned, managedFields }: WritePlan): boolean {
  return found.length === 0 && !isUnsigned && managedFields === undefined;
}

const WORKLOADS: ReadonlySet<string> = new Set(["Deployment", "DaemonSet"]);

/** A Deployment or DaemonSet replaces its pods when their template changes. */
export function rollsPods({ kind }: KubeObject, found: readonly FieldDifference[]): boolean {
  return WORKLOADS.has(kind) && found.some(({ field }) => field.startsWith("spec.template"));
}

/** A workload selects its pods once and for all: whatever is asked, the API server will refuse. */
export function cannotBecome(live: KubeObject, desired: DesiredObject): boolean {
  return WORKLOADS.has(live.kind) && !sameJson(selectorOf(live), selectorOf(desired));
}

function selectorOf({ spec }: KubeObject): unknown {
  return isObject(spec) ? spec["selector"] : undefined;
}
