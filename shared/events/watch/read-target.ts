import * as z from "zod/mini";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { collectionPath } from "../../kube/paths.ts";
import type { Target } from "./targets.ts";

const PAGE = 500;

const pageSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string(), continue: z.optional(z.string()) }),
  items: z.optional(z.nullable(z.array(z.unknown()))),
});

const lineSchema = z.looseObject({ type: z.string(), object: z.looseObject({}) });
const statusSchema = z.looseObject({ code: z.optional(z.number()), reason: z.optional(z.string()), message: z.optional(z.string()) });
const bookmarkSchema = z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) });

export interface Listed {
  readonly objects: readonly unknown[];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
}

/** Everything there is of a target now. @throws {KubeError} 410 among others: the list took so long that it expired */
export async function listTarget(client: KubeClient, target: Target, signal: AbortSignal): Promise<Listed> {
  const objects: unknown[] = [];
  let position: string | undefined;
  for (;;) {
    const query = { ...selectors(target), limit: String(PAGE), ...(position ? { continue: position } : {}) };
    const { body } = await client.request({ method: "GET", path: pathOf(target), query, accept: accepted(target, "PartialObjectMetadataList"), signal });
    const page = pageSchema.safeParse(body);
    const next = page.data?.metadata.continue;
    // The same position again would never end.
    if (!page.success || (next && next === position)) throw badAnswer(target, "the answer is no list");
    for (const object of page.data.items ?? []) objects.push(object);
    if (!next) return { objects, resourceVersion: page.data.metadata.resourceVersion };
    position = next;
  }
}

/** One piece of news; `heard` says that nothing has changed up to a version. */
export type News =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: unknown; readonly resourceVersion: string }
  | { readonly type: "heard"; readonly resourceVersion: string };

/**
 * The news of a target after a version, until the server ends the watch or `signal` aborts.
 * @param seconds after which the server ends it
 * @throws {KubeError} 410: so old a version is not known any more
 */
export async function* watchTarget(client: KubeClient, target: Target, from: string, seconds: number, signal: AbortSignal): AsyncGenerator<News> {
  const query = { ...selectors(target), watch: "true", allowWatchBookmarks: "true", resourceVersion: from, timeoutSeconds: String(seconds) };
  for await (const line of client.watch({ path: pathOf(target), query, accept: accepted(target, "PartialObjectMetadata"), signal })) {
    const { data } = lineSchema.safeParse(line);
    // Half a line is what a cut connection leaves.
    if (!data) throw badAnswer(target, "a line of the watch is no event");
    if (data.type === "ERROR") throw refusal(target, data.object);
    const version = bookmarkSchema.safeParse(data.object).data?.metadata.resourceVersion;
    if (version === undefined) throw badAnswer(target, "an event without a version");
    if (data.type === "ADDED" || data.type === "MODIFIED" || data.type === "DELETED") yield { type: data.type, object: data.object, resourceVersion: version };
    else yield { type: "heard", resourceVersion: version };
  }
}

function pathOf({ kind, apiVersion, namespace }: Target): string {
  return collectionPath(kind, apiVersion, namespace);
}

function selectors({ fieldSelector, labelSelector }: Target): Record<string, string> {
  return { ...(fieldSelector ? { fieldSelector } : {}), ...(labelSelector ? { labelSelector } : {}) };
}

function accepted({ whole }: Target, as: string): string {
  return whole ? "application/json" : `application/json;as=${as};g=meta.k8s.io;v=v1`;
}

function refusal({ id }: Target, status: unknown): KubeError {
  const { data } = statusSchema.safeParse(status);
  const code = data?.code ?? 0;
  return new KubeError(`watch of ${id}: ${data?.message ?? "refused"}`, { code: data?.reason || "Refused", status: code, retryable: true });
}

function badAnswer({ id }: Target, what: string): KubeError {
  return new KubeError(`${id}: ${what}`, { code: "BadAnswer", status: 0, retryable: true });
}
