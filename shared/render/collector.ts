import { keyOf } from "../resources/meta.ts";
import type { Context } from "./context.ts";
import type { DesiredObject, DesiredStatus, RenderedConfig } from "./result.ts";

/** Results as they come; `render` puts them in order. Lives for one call. */
export interface Collector {
  readonly configs: Map<string, RenderedConfig>;
  /** By `Kind/namespace/name`. */
  readonly objects: Map<string, DesiredObject>;
  readonly statuses: DesiredStatus[];
  readonly heldConfigs: Set<string>;
  readonly heldObjects: Set<string>;
}

export function createCollector(): Collector {
  return { configs: new Map(), objects: new Map(), statuses: [], heldConfigs: new Set(), heldObjects: new Set() };
}

/** `Kind/namespace/name`. */
export const objectKey = (object: { kind: string; metadata: { name: string; namespace?: string | undefined } }): string =>
  `${object.kind}/${keyOf(object)}`;

export function want(out: Collector, object: DesiredObject): void {
  out.objects.set(objectKey(object), object);
}

/** Keeps whatever runs and is served for a Gateway (I10). */
export function hold(out: Collector, gateway: string): void {
  out.heldConfigs.add(gateway);
  for (const kind of ["Service", "Deployment", "DaemonSet"]) out.heldObjects.add(`${kind}/${gateway}`);
}

/** Keeps the live Service of a Gateway that would have none (I31), or that upstream leaves alone. */
export function holdService(out: Collector, context: Context, gateway: string): void {
  if (context.state.services.has(gateway)) out.heldObjects.add(`Service/${gateway}`);
}
