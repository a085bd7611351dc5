import type { KubeObject } from "../../resources/meta.ts";
import { idOf, isGarbage } from "./garbage.ts";

/** Kinds whose objects are the user's: of them the directory that we write holds the statuses. */
const STATUS_KINDS: ReadonlySet<string> = new Set(["GatewayClass", "Gateway", "UDPRoute"]);

/** The user's manifests and the directory that we write, as one cluster. By `group/Kind/namespace/name`. */
export interface Snapshot {
  /** The cluster. */
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** As the user wrote them. */
  readonly given: ReadonlyMap<string, KubeObject>;
  /** As they stand in the directory that we write. */
  readonly written: ReadonlyMap<string, KubeObject>;
  /** Written objects whose owners are gone: no part of the cluster any more. */
  readonly garbage: readonly KubeObject[];
  /** Statuses of objects that the manifests do not have. */
  readonly stale: readonly KubeObject[];
}

/** An object in both has its status from the directory that we write, and everything else from the manifests. */
export function takeSnapshot(manifests: Iterable<KubeObject>, out: Iterable<KubeObject>): Snapshot {
  const given = new Map([...manifests].map((object) => [idOf(object), object]));
  const written = new Map([...out].map((object) => [idOf(object), object]));
  const objects = new Map(given);
  const stale: KubeObject[] = [];
  for (const [id, object] of written) {
    const manifest = given.get(id);
    if (manifest) objects.set(id, "status" in object ? { ...manifest, status: object["status"] } : manifest);
    else if (STATUS_KINDS.has(object.kind)) stale.push(object);
    else objects.set(id, object);
  }
  const garbage = [...written].filter(([id, object]) => !given.has(id) && objects.has(id) && isGarbage(object, objects));
  for (const [id] of garbage) objects.delete(id);
  return { objects, given, written, garbage: garbage.map(([, object]) => object), stale };
}
