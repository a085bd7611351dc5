import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import type { Problem } from "../../render/result.ts";
import type { KindInfo } from "../../resources/kinds.ts";
import type { KubeObject } from "../../resources/meta.ts";
import { inParallel } from "../../store/parallel.ts";
import type { RawObject } from "../directory/convert.ts";
import { resourceName, type Served } from "./discovery.ts";
import { getOne } from "./get-one.ts";
import { listAll, type ListOptions } from "./list.ts";
import type { LoadCache } from "./load-cache.ts";
import { readProblem } from "./read-problem.ts";
import type { Unreadable } from "./to-object.ts";

/** Requests for single objects of a kind under way at a time. */
const WIDTH = 16;

/**
 * Reads objects and keeps the books: what could not be read is told by name, and is never taken for absent (DESIGN.md
 * 2, I51). Lives for one pass.
 */
export interface Reader {
  /** All objects of a kind; none where the cluster does not serve it. */
  list(info: KindInfo, options?: ListOptions): Promise<void>;
  /** Objects by `namespace/name` (cluster-scoped: `name`). */
  get(info: KindInfo, keys: Iterable<string>): Promise<void>;
  /** As our schemas read them, by what the server sent, at the version that it serves. */
  readonly objects: Map<KubeObject, RawObject>;
  /** What is there, and no object as we know them. */
  readonly unreadable: Unreadable[];
  readonly problems: Problem[];
  /** Names of what could not be read: `list of services`, `Secret ns/name`. */
  readonly unread: string[];
}

export function createReader(client: KubeClient, served: Served, cache: LoadCache): Reader {
  const take = (info: KindInfo, raw: RawObject): void => {
    const read = cache.objects.understand(info, raw);
    reader.problems.push(...read.problems);
    if (read.object) reader.objects.set(read.object, raw);
    else reader.unreadable.push(read.unreadable);
  };
  const reader: Reader = {
    objects: new Map(),
    unreadable: [],
    problems: [],
    unread: [],
    async list(info, options = {}) {
      const apiVersion = served.get(info);
      if (apiVersion === undefined) return;
      try {
        for (const item of await listAll({ client, cache, info, apiVersion, options })) take(info, item);
      } catch (error) {
        note(reader, info, "list", `list of ${resourceName(info)}`, error);
      }
    },
    async get(info, keys) {
      const apiVersion = served.get(info);
      if (apiVersion === undefined) return;
      await inParallel([...new Set(keys)], WIDTH, async (key) => {
        const [first = "", second] = key.split("/");
        const at = second === undefined ? { name: first } : { namespace: first, name: second };
        try {
          const found = await getOne(client, { apiVersion, kind: info.kind, ...at }, cache.pages);
          if (found) take(info, cache.objects.complete(info, apiVersion, found));
        } catch (error) {
          note(reader, info, "get", `${info.kind} ${key}`, error);
        }
      });
    },
  };
  return reader;
}

function note(reader: Reader, info: KindInfo, verb: "get" | "list", what: string, error: unknown): void {
  if (!(error instanceof KubeError)) throw error;
  // One list may be asked for namespace by namespace.
  if (reader.unread.includes(what)) return;
  reader.unread.push(what);
  reader.problems.push(readProblem(what, verb, info, error));
}
