import type { ObjectStore } from "../../shared/store/object-store.ts";
import { createDirectorySource } from "./directory-source.ts";
import { findPlaces } from "./places.ts";
import type { ServedCluster } from "./served-clusters.ts";
import type { Source, SourceContext } from "./source.ts";

/**
 * Where a cluster is read from and written to.
 * @throws {CommandFailure} it cannot be opened
 * @throws {StoreError}
 */
export async function openSource({ connect, settings, eventToken }: ServedCluster, store: ObjectStore, context: SourceContext): Promise<Source> {
  if (connect.type === "directory") {
    const places = await findPlaces({ manifests: connect.manifests, out: connect.out, store: "memory:" });
    return createDirectorySource(places, context);
  }
  // The Kubernetes client is large and only loaded where it is used.
  const { createApiSource } = await import("./api-source.ts");
  return createApiSource(connect, { ...settings, eventToken }, store, context);
}
