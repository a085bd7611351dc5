import type { ClusterState } from "../resources/cluster.ts";
import { GATEWAY_GROUP, STUNNER_GROUP } from "../resources/constants.ts";
import type { KubeObject } from "../resources/meta.ts";
import { clusterState } from "../state/cluster-state.ts";
import { findReferences, type ReferenceOptions } from "../state/live/references.ts";
import { plainSecret, plainService } from "./ideal.ts";
import { asJudged, gatewaysOf, idOf, type Judged, linksOf } from "./judged.ts";
import type { Snapshot } from "./snapshot.ts";

/** So many objects that depend on the one that is judged are looked at: that bounds the time that a write waits. */
const MOST_DEPENDENTS = 300;

/** What is known of a cluster when a write is judged. Objects are as `compact` leaves them. */
export interface World {
  get(id: string): KubeObject | undefined;
  /** Whether a Service, Secret or Namespace has been looked for, in vain or not. */
  wasRead(id: string): boolean;
  put(object: KubeObject): void;
  remove(id: string): void;
  /** What depends on one of these, and what they and those depend on; themselves left out. */
  around(objects: readonly Judged[], options: ReferenceOptions): KubeObject[];
  /**
   * These objects with the Services, Secrets, Namespaces and ReferenceGrants that matter to them. Of Services and Secrets
   * only those are ever read that something refers to: another one may be there, so it is taken to be.
   */
  state(objects: readonly KubeObject[], options: ReferenceOptions): ClusterState;
}

/** Cost of every method: the number of objects that it is about. */
export function createWorld({ objects: initial, absent: missing }: Snapshot): World {
  const absent = new Set(missing);
  const objects = new Map<string, KubeObject>();
  const referrers = new Map<string, Set<string>>();
  const grants = new Map<string, KubeObject>();
  const classes = new Set<string>();

  function remove(id: string): void {
    const object = objects.get(id);
    const judged = object && asJudged(object);
    for (const link of judged ? linksOf(judged) : []) referrers.get(link)?.delete(id);
    objects.delete(id);
    grants.delete(id);
    classes.delete(id);
  }

  function put(object: KubeObject): void {
    const id = idOf(object);
    remove(id);
    objects.set(id, object);
    if (object.kind === "ReferenceGrant") grants.set(id, object);
    if (object.kind === "GatewayClass") classes.add(id);
    const judged = asJudged(object);
    for (const link of judged ? linksOf(judged) : []) {
      const known = referrers.get(link);
      if (known) known.add(id);
      else referrers.set(link, new Set([id]));
    }
  }

  /** Breadth first, so that of too many the nearest count. */
  function dependents(starts: readonly string[]): Set<string> {
    const found = new Set(starts);
    for (const id of found) {
      for (const referrer of referrers.get(id) ?? []) {
        if (found.size >= MOST_DEPENDENTS) return found;
        found.add(referrer);
      }
    }
    return found;
  }

  /** An object that is only read where something refers to it, or one of which nothing is known. */
  function orPlain(id: string, make: (namespace: string, name: string) => KubeObject): KubeObject[] {
    const found = objects.get(id);
    if (found) return [found];
    const [, , namespace = "", name = ""] = id.split("/");
    return absent.has(id) ? [] : [make(namespace, name)];
  }

  for (const object of initial) put(object);
  return {
    get: (id) => objects.get(id),
    wasRead: (id) => objects.has(id) || absent.has(id),
    put,
    remove,
    around(seeds, { mode }) {
      // Routes of one Gateway matter to each other: one may mask another, or stand in its shadow.
      // In legacy mode the Gateways of a class share the ports of one stunnerd.
      const starts = seeds.flatMap((seed) => [
        idOf(seed),
        ...(seed.kind === "UDPRoute" ? [twinOf(seed), ...gatewaysOf(seed)] : []),
        ...(seed.kind === "Gateway" && mode === "legacy" ? linksOf(seed) : []),
      ]);
      const picked = dependents(starts);
      for (const seed of seeds) for (const link of linksOf(seed)) picked.add(link);
      // There, too, one class of a namespace rules out the others.
      if (mode === "legacy") for (const id of classes) picked.add(id);
      for (const id of picked) {
        const object = objects.get(id);
        const judged = object && asJudged(object);
        if (judged) for (const link of linksOf(judged)) picked.add(link);
      }
      for (const seed of seeds) picked.delete(idOf(seed));
      return [...picked].flatMap((id) => objects.get(id) ?? []);
    },
    state(known, options) {
      const { secrets, namespaces, backends } = findReferences(clusterState(known), options);
      return clusterState([
        ...[...secrets].flatMap((key) => orPlain(`/Secret/${key}`, plainSecret)),
        ...[...backends].flatMap((key) => orPlain(`/Service/${key}`, plainService)),
        ...[...namespaces].flatMap((name) => objects.get(`/Namespace/${name}`) ?? []),
        ...grants.values(),
        ...known,
      ]);
    },
  };
}

/** The route of the same name in the other group. */
function twinOf(route: Judged): string {
  const id = idOf(route);
  return id.startsWith(GATEWAY_GROUP) ? id.replace(GATEWAY_GROUP, STUNNER_GROUP) : id.replace(STUNNER_GROUP, GATEWAY_GROUP);
}
