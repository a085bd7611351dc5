import type { StunnerdCluster } from "../resources/stunnerd-config.ts";
import type { Context } from "./context.ts";
import type { Route } from "./route.ts";

/** Clusters of the routes, one each, ascending by name (spec/rendering.md 7.2). */
export function clustersOf(context: Context, routes: Iterable<Route>): StunnerdCluster[] {
  const clusters = [...routes].flatMap((route) => context.clusters.get(route)?.cluster ?? []);
  return clusters.sort((a, b) => (a.name < b.name ? -1 : 1));
}
