import * as z from "zod/mini";
import type { ObjectStore } from "../store/object-store.ts";
import type { Refs } from "./refs.ts";

/** Raised when the meaning changes: what an older or newer program wrote is as good as absent. */
const VERSION = 1;

const names = z.array(z.string());

const storedSchema = z.object({
  version: z.literal(VERSION),
  secrets: names,
  namespaces: names,
  services: names,
  backends: names,
  staticServices: names,
  configMaps: names,
  foreignClasses: names,
  foreignGateways: names,
  gateways: names,
  owned: names,
  slices: names,
  served: z.record(z.string(), z.string()),
});

/** Where the references of a cluster are kept between passes, and between processes. */
export interface RefsStore {
  /**
   * Undefined where nothing is known, or nothing that can be read: then every event matters.
   * @throws {StoreError}
   */
  read(): Promise<Refs | undefined>;
  /**
   * Writes what differs from what this process wrote or read last. To be called by the pass that holds the lease, as
   * soon as it has loaded: events are judged by this while the pass goes on.
   * @throws {StoreError}
   */
  write(refs: Refs): Promise<"written" | "unchanged">;
}

/** @param cluster name of the cluster in the store */
export function createRefsStore(store: ObjectStore, cluster: string): RefsStore {
  const key = `clusters/${cluster}/refs.json`;
  let last: { readonly text: string; readonly etag: string; readonly refs: Refs | undefined } | undefined;
  return {
    async read() {
      const found = await store.get(key, last ? { ifNoneMatch: last.etag } : {});
      if (found.status === "not-modified") return last?.refs;
      if (found.status === "absent") {
        last = undefined;
        return undefined;
      }
      const text = Buffer.from(found.body).toString();
      last = { text, etag: found.etag, refs: parseRefs(text) };
      return last.refs;
    },
    async write(refs) {
      const text = serializeRefs(refs);
      if (text === last?.text) return "unchanged";
      const { etag } = await store.put(key, Buffer.from(text));
      last = { text, etag, refs };
      return "written";
    },
  };
}

function serializeRefs({ references, foreignClasses, foreignGateways, gateways, owned, slices, served }: Refs): string {
  return JSON.stringify({
    version: VERSION,
    secrets: list(references.secrets),
    namespaces: list(references.namespaces),
    services: list(references.services),
    backends: list(references.backends),
    staticServices: list(references.staticServices),
    configMaps: list(references.configMaps),
    foreignClasses: list(foreignClasses),
    foreignGateways: list(foreignGateways),
    gateways: list(gateways),
    owned: list(owned),
    slices: list(slices),
    served: Object.fromEntries([...served].sort(([a], [b]) => (a < b ? -1 : 1))),
  } satisfies z.infer<typeof storedSchema>);
}

function list(set: ReadonlySet<string>): string[] {
  return [...set].sort();
}

function parseRefs(text: string): Refs | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = storedSchema.safeParse(json);
  if (!data) return undefined;
  const { secrets, namespaces, services, backends, staticServices, configMaps } = data;
  return {
    references: {
      secrets: new Set(secrets),
      namespaces: new Set(namespaces),
      services: new Set(services),
      backends: new Set(backends),
      staticServices: new Set(staticServices),
      configMaps: new Set(configMaps),
    },
    foreignClasses: new Set(data.foreignClasses),
    foreignGateways: new Set(data.foreignGateways),
    gateways: new Set(data.gateways),
    owned: new Set(data.owned),
    slices: new Set(data.slices),
    served: new Map(Object.entries(data.served)),
  };
}
