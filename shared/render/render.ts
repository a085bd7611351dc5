import type { ClusterState } from "../resources/cluster.ts";
import { keyOf } from "../resources/meta.ts";
import { createCollector, hold } from "./collector.ts";
import { createContext } from "./context.ts";
import { findDeletions } from "./deletions.ts";
import { holdDelivery } from "./delivery/hold.ts";
import { renderLegacyClasses } from "./legacy.ts";
import { renderManagedClass } from "./managed.ts";
import { sortProblems } from "./problems.ts";
import { findReleases, orphanedClasses, releasedStatus } from "./release.ts";
import type { RenderOptions, RenderResult } from "./result.ts";
import { routeStatus } from "./route-status.ts";

/**
 * Renders a cluster: configurations, objects and statuses that ought to be. Pure and total: no clock, no I/O, the same
 * state gives the same bytes, and what is wrong with the input is a status and a problem, never an exception. Linear in
 * the number of objects. Arrives in one pass where upstream needs several (spec/rendering.md 2, DESIGN.md 2).
 */
export function render(state: ClusterState, options: RenderOptions): RenderResult {
  const context = createContext(state, options);
  const out = createCollector();
  const classes = [...state.gatewayClasses.values()].filter((one) => one.spec.controllerName === options.controllerName);
  if (options.mode === "legacy") renderLegacyClasses(context, out, classes);
  else for (const gatewayClass of classes) renderManagedClass(context, out, gatewayClass);
  const { released, orphans } = findReleases(context);
  for (const gateway of orphans) {
    hold(out, keyOf(gateway));
    holdDelivery(out, context, keyOf(gateway));
  }
  out.statuses.push(...released.flatMap((gateway) => releasedStatus(gateway, options.controllerName) ?? []));
  const undecided = new Set(orphans.map(keyOf));
  for (const route of context.routes) {
    const status = routeStatus(context, route, undecided);
    if (status) out.statuses.push(status);
  }
  return {
    configs: new Map([...out.configs].sort(byKey)),
    objects: [...out.objects].sort(byKey).map(([, object]) => object),
    statuses: out.statuses,
    problems: sortProblems(context.problems),
    held: { configs: new Set([...out.heldConfigs].sort()), objects: new Set([...out.heldObjects].filter((key) => !out.objects.has(key)).sort()) },
    deletions: findDeletions(context, out, released),
    orphans: [...undecided, ...orphanedClasses(context)].sort(),
  };
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
