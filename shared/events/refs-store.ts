import * as z from "zod/mini";
import { overRead } from "../store/condition.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Refs } from "./refs.ts";

/** Raised when the meaning changes: what an older or newer program wrote is as good as absent. */
const VERSION = 2;

const names = z.array(z.string());

const storedSchema = z.object({
  version: z.literal(VERSION),
  kinds: names,
  refs: z.optional(z.object({
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
  })),
});

/** What passes leave to events and to the passes after them. */
export interface StoredRefs {
  /** Undefined where no load was complete yet, or none that can be read: then every event matters. */
  readonly refs: Refs | undefined;
  /** Kinds that count as there, `gateways.gateway.networking.k8s.io`, ascending: `LoadOptions.knownKinds`. */
  readonly kinds: readonly string[];
}

/** Where that is kept between passes, and between processes: `clusters/<cluster>/refs.json` (DESIGN.md 4.2). */
export interface RefsStore {
  /**
   * Undefined where nothing is known, or nothing that can be read.
   * @throws {StoreError}
   */
  read(): Promise<StoredRefs | undefined>;
  /** From what was read or written last. */
  differs(stored: StoredRefs): boolean;
  /**
   * In place of what was read or written last. To be called by the pass that holds the lease.
   * @throws {PreconditionFailed} somebody else has written meanwhile
   * @throws {StoreError}
   */
  write(stored: StoredRefs): Promise<void>;
}

/** @param cluster name of the cluster in the store */
export function createRefsStore(store: ObjectStore, cluster: string): RefsStore {
  const key = `clusters/${cluster}/refs.json`;
  let last: { readonly text: string; readonly etag: string; readonly stored: StoredRefs | undefined } | undefined;
  return {
    async read() {
      const found = await store.get(key, last ? { ifNoneMatch: last.etag } : {});
      if (found.status === "not-modified") return last?.stored;
      if (found.status === "absent") {
        last = undefined;
        return undefined;
      }
      const text = Buffer.from(found.body).toString();
      last = { text, etag: found.etag, stored: parse(text) };
      return last.stored;
    },
    differs: (stored) => serialize(stored) !== last?.text,
    async write(stored) {
      const text = serialize(stored);
      const { etag } = await store.put(key, Buffer.from(text), overRead(last?.etag));
      last = { text, etag, stored };
    },
  };
}

function serialize({ refs, kinds }: StoredRefs): string {
  return JSON.stringify({ version: VERSION, kinds: [...kinds], ...(refs && { refs: listed(refs) }) } satisfies z.infer<typeof storedSchema>);
}

function listed({ references, foreignClasses, foreignGateways, gateways, owned, slices }: Refs): NonNullable<z.infer<typeof storedSchema>["refs"]> {
  return {
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
  };
}

function list(set: ReadonlySet<string>): string[] {
  return [...set].sort();
}

function parse(text: string): StoredRefs | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = storedSchema.safeParse(json);
  return data && { kinds: data.kinds, refs: data.refs && refsOf(data.refs) };
}

function refsOf(found: NonNullable<z.infer<typeof storedSchema>["refs"]>): Refs {
  const { secrets, namespaces, services, backends, staticServices, configMaps } = found;
  return {
    references: {
      secrets: new Set(secrets),
      namespaces: new Set(namespaces),
      services: new Set(services),
      backends: new Set(backends),
      staticServices: new Set(staticServices),
      configMaps: new Set(configMaps),
    },
    foreignClasses: new Set(found.foreignClasses),
    foreignGateways: new Set(found.foreignGateways),
    gateways: new Set(found.gateways),
    owned: new Set(found.owned),
    slices: new Set(found.slices),
  };
}
