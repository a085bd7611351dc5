import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { objectPath } from "../../kube/paths.ts";
import type { Problem } from "../../render/result.ts";
import type { KindInfo } from "../../resources/kinds.ts";
import type { KubeObject } from "../../resources/meta.ts";
import { inParallel } from "../../store/parallel.ts";
import type { Served } from "./discovery.ts";
import { listAll, type ListOptions } from "./list.ts";

/** Requests under way at a time. */
const WIDTH = 16;

/**
 * Reads objects and keeps the books: what could not be read is told by name, and is never taken for absent (DESIGN.md
 * 2, I51). Lives for one pass.
 */
export interface Reader {
  /** All objects of a kind; empty where the cluster does not serve it. */
  list(info: KindInfo, options?: ListOptions): Promise<void>;
  /** Objects by `namespace/name` (cluster-scoped: `name`). */
  get(info: KindInfo, keys: Iterable<string>): Promise<void>;
  readonly objects: KubeObject[];
  readonly problems: Problem[];
  /** Names of what could not be read: `list of services`, `Secret ns/name`. */
  readonly unread: string[];
}

export function createReader(client: KubeClient, served: Served): Reader {
  const reader: Reader = {
    objects: [],
    problems: [],
    unread: [],
    async list(info, options) {
      const apiVersion = served.get(info);
      if (apiVersion === undefined) return;
      await attempt(reader, `list of ${info.plural}.${info.group}`.replace(/\.$/, ""), async () => {
        for (const item of await listAll(client, info, apiVersion, options)) take(reader, info, item);
      });
    },
    async get(info, keys) {
      const apiVersion = served.get(info);
      if (apiVersion === undefined) return;
      await inParallel([...new Set(keys)], WIDTH, (key) =>
        attempt(reader, `${info.kind} ${key}`, async () => {
          const found = await getOne(client, info, apiVersion, key);
          if (found !== undefined) take(reader, info, found);
        }),
      );
    },
  };
  return reader;
}

async function attempt(reader: Reader, what: string, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    reader.unread.push(what);
    reader.problems.push({ severity: "error", object: what, field: "", reason: error.code, message: `could not be read: ${error.message}` });
  }
}

async function getOne(client: KubeClient, info: KindInfo, apiVersion: string, key: string): Promise<unknown> {
  const [first = "", second] = key.split("/");
  const name = second ?? first;
  try {
    const ref = { apiVersion, kind: info.kind, name, ...(second === undefined ? {} : { namespace: first }) };
    return (await client.request({ method: "GET", path: objectPath(ref) })).body;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

/** API servers write empty lists of built-in kinds as null: `endpoints` of an EndpointSlice, `subsets` of Endpoints. */
function withoutNulls(raw: unknown): unknown {
  return Object.fromEntries(Object.entries(raw as object).filter(([, value]) => value !== null));
}

/** What our schema cannot read may still exist: it counts as unread, and everything else goes on. */
function take(reader: Reader, info: KindInfo, raw: unknown): void {
  const parsed = info.schema.safeParse(withoutNulls(raw));
  if (parsed.success) {
    reader.objects.push(parsed.data);
    return;
  }
  const [issue] = parsed.error.issues;
  const meta = (raw as { metadata?: { namespace?: string; name?: string } }).metadata;
  const object = `${info.kind} ${[meta?.namespace, meta?.name].filter(Boolean).join("/")}`;
  reader.unread.push(object);
  reader.problems.push({ severity: "error", object, field: issue?.path.join(".") ?? "", reason: "Unreadable", message: issue?.message ?? "cannot be read" });
}
