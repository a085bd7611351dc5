import * as z from "zod/mini";
import type { KubeClient } from "../../kube/client.ts";
import { isNotFound, KubeError } from "../../kube/errors.ts";
import { type ObjectRef, objectPath } from "../../kube/paths.ts";
import type { RawObject } from "../directory/convert.ts";
import type { PageCache } from "./page-cache.ts";

const objectSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.optional(z.string()), resourceVersion: z.string() }),
});

/**
 * An object, or undefined where the server says that there is none.
 * @param cache gives what it gave before where the answer is the same
 * @throws {KubeError} where it says anything else, or answers with another object
 */
export async function getOne(client: KubeClient, ref: ObjectRef, cache?: Pick<PageCache, "parse">): Promise<RawObject | undefined> {
  const path = objectPath(ref);
  const answer = await client.request({ method: "GET", path, ...(cache && { parse: (bytes) => cache.parse(path, bytes) }) }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!answer) return undefined;
  const { success, data } = objectSchema.safeParse(answer.body);
  if (success && data.kind === ref.kind && data.metadata.name === ref.name && data.metadata.namespace === ref.namespace) return answer.body as RawObject;
  throw new KubeError(`GET ${path}: the answer is another object`, { code: "BadAnswer", status: 0, retryable: true });
}
