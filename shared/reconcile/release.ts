/** `namespace/name` of Gateways whose class is absent, and when that was first seen, in milliseconds since the epoch. */
export type Orphans = Readonly<Record<string, number>>;

/**
 * Gateways that may be let go: their class was absent in an earlier pass at least `releaseAfter` ago (rule I9). Whether
 * it still is, the renderer sees for itself. With 0 every Gateway may be let go, in the very first pass.
 */
export function released(orphans: Orphans, gateways: Iterable<string>, now: number, releaseAfter: number): ReadonlySet<string> {
  if (releaseAfter === 0) return new Set(gateways);
  return new Set(Object.keys(orphans).filter((gateway) => now - (orphans[gateway] ?? now) >= releaseAfter));
}

/** The orphans of this pass with the time at which each was first seen. */
export function remember(before: Orphans, orphans: readonly string[], now: number): Orphans {
  return Object.fromEntries(
    [...orphans].sort().map((gateway) => [gateway, Object.hasOwn(before, gateway) ? (before[gateway] ?? now) : now]),
  );
}
