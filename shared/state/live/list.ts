import * as z from "zod/mini";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { collectionPath } from "../../kube/paths.ts";
import type { KindInfo } from "../../resources/kinds.ts";
import { isMapping, type RawObject } from "../directory/convert.ts";
import type { LoadCache } from "./load-cache.ts";

const PAGE = 500;
/** A list may expire while it is read; so often it is begun anew. */
const RESTARTS = 3;

const pageSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ continue: z.optional(z.string()), resourceVersion: z.string().check(z.minLength(1)) }),
  // A copy of them would not be known again.
  items: z.custom<readonly RawObject[]>((items) => Array.isArray(items) && items.every(isMapping)),
});

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
}

export interface ListRequest {
  readonly client: KubeClient;
  readonly cache: LoadCache;
  readonly info: KindInfo;
  /** At which the cluster serves the kind. */
  readonly apiVersion: string;
  readonly options: ListOptions;
}

/**
 * All objects of a kind, page by page, each with the `apiVersion` and `kind` that lists of built-in kinds leave out.
 * @throws {KubeError} where any page fails: a part of a list is no list (DESIGN.md 2)
 */
export async function listAll(asked: ListRequest): Promise<RawObject[]> {
  for (let restart = 0; ; restart++) {
    try {
      return await readPages(asked);
    } catch (error) {
      const isExpired = error instanceof KubeError && error.status === 410 && restart < RESTARTS;
      if (!isExpired) throw error;
    }
  }
}

async function readPages({ client, cache, info, apiVersion, options: { namespace, labelSelector } }: ListRequest): Promise<RawObject[]> {
  const path = collectionPath(info, apiVersion, namespace);
  const items: RawObject[] = [];
  let position = "";
  let number = 0;
  do {
    const id = `${path} ${labelSelector ?? ""} ${number++}`;
    const query = { limit: String(PAGE), ...(labelSelector ? { labelSelector } : {}), ...(position ? { continue: position } : {}) };
    const { body } = await client.request({ method: "GET", path, query, parse: (bytes) => cache.pages.parsePage(id, bytes) });
    const { success, data: page } = pageSchema.safeParse(body);
    const isList = success && page.apiVersion === apiVersion && page.kind === `${info.kind}List`;
    // The same position again would never end.
    if (!isList || (position !== "" && page.metadata.continue === position)) {
      throw new KubeError(`GET ${path}: the answer is no list of ${info.plural}`, { code: "BadAnswer", status: 0, retryable: true });
    }
    for (const item of page.items) items.push(cache.objects.complete(info, apiVersion, item));
    position = page.metadata.continue ?? "";
  } while (position !== "");
  return items;
}
