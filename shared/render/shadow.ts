import type { StunnerdListener } from "../resources/stunnerd-config.ts";
import type { Context } from "./context.ts";
import { decidersOf, type Decided, type RouteEndpoint } from "./deciders.ts";
import { covers, parseEndpoint } from "./parsed-endpoint.ts";
import type { Route } from "./route.ts";

/**
 * stunnerd asks only the first cluster, in the order of their names, that contains a peer's address; the port ranges
 * of a later one never count for that address (spec/stunnerd.md 7.3). Clusters are not merged, which would widen what
 * a listener may reach; the route in the shadow is told (improvements I36).
 */
export function noteShadowedRoutes(context: Context, listener: StunnerdListener, routes: readonly Route[]): void {
  // Routes that all open the same ports cast no shadow, which spares nearly every listener the comparison.
  if (routes.length < 2 || rangesOf(context, routes).size < 2) return;
  const endpoints = [...routes].sort((a, b) => (a.key < b.key ? -1 : 1)).flatMap((route) => endpointsOf(context, route));
  const decided = decidersOf(endpoints);
  const places = new Map(decided.map((one, place) => [placeOf(one), place]));
  const told = new Set<string>();
  for (const one of endpoints) {
    if (told.has(one.route)) continue;
    const shade = firstShade(one, decided, places.get(placeOf(one)) ?? 0);
    if (!shade) continue;
    told.add(one.route);
    const text = `on listener ${listener.name} route ${shade.route} comes first for ${shade.endpoint.address}, and only its ports count there`;
    const notes = context.routeNotes.get(one.route) ?? new Set<string>();
    context.routeNotes.set(one.route, notes.add(text));
  }
}

function endpointsOf(context: Context, route: Route): RouteEndpoint[] {
  const cluster = context.clusters.get(route)?.cluster;
  if (cluster?.type !== "STATIC") return [];
  return (cluster.endpoints ?? []).map((text) => ({ route: route.key, endpoint: parseEndpoint(text) }));
}

function rangesOf(context: Context, routes: readonly Route[]): Set<string> {
  const endpoints = routes.flatMap((route) => context.clusters.get(route)?.cluster?.endpoints ?? []);
  return new Set(endpoints.map((one) => one.slice(one.lastIndexOf("<") + 1 || one.length)));
}

const placeOf = ({ endpoint: { family, network } }: Pick<RouteEndpoint, "endpoint">): string => `${family} ${network.first} ${network.last}`;

/** Where, for the first time, another route decides and does not let all ports through. */
function firstShade({ route, endpoint }: RouteEndpoint, decided: readonly Decided[], place: number): Decided | undefined {
  const whole = decided[place];
  if (!whole?.limited) return undefined;
  for (let at = place; at < whole.end; at++) {
    const here = decided[at];
    if (here && here.route !== route && !covers(here.ranges, endpoint.range)) return here;
  }
  return undefined;
}
