import * as z from "zod/mini";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { collectionPath } from "../../kube/paths.ts";
import type { KindInfo } from "../../resources/kinds.ts";

const PAGE = 500;
/** A list may expire while it is read; so often it is begun anew. */
const RESTARTS = 3;

const pageSchema = z.looseObject({
  metadata: z.optional(z.looseObject({ continue: z.optional(z.string()), resourceVersion: z.optional(z.string()) })),
  items: z.optional(z.nullable(z.array(z.looseObject({})))),
});

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
}

/**
 * All objects of a kind, page by page, each with the `apiVersion` and `kind` that lists of built-in kinds leave out.
 * @throws {KubeError} where any page fails: a part of a list is no list (DESIGN.md 2)
 */
export async function listAll(client: KubeClient, info: KindInfo, apiVersion: string, options: ListOptions = {}): Promise<unknown[]> {
  for (let restart = 0; ; restart++) {
    try {
      return await readPages(client, info, apiVersion, options);
    } catch (error) {
      const isExpired = error instanceof KubeError && error.status === 410 && restart < RESTARTS;
      if (!isExpired) throw error;
    }
  }
}

async function readPages(client: KubeClient, info: KindInfo, apiVersion: string, options: ListOptions): Promise<unknown[]> {
  const items: unknown[] = [];
  let position = "";
  do {
    const { body } = await client.request({
      method: "GET",
      path: collectionPath(info, apiVersion, options.namespace),
      query: {
        limit: String(PAGE),
        ...(options.labelSelector ? { labelSelector: options.labelSelector } : {}),
        ...(position ? { continue: position } : {}),
      },
    });
    const page = pageSchema.safeParse(body);
    if (!page.success) throw new KubeError(`list of ${info.plural}: the answer is no list`, { code: "BadAnswer", status: 0, retryable: true });
    for (const item of page.data.items ?? []) items.push({ apiVersion, kind: info.kind, ...item });
    position = page.data.metadata?.continue ?? "";
  } while (position !== "");
  return items;
}
