import * as z from "zod/mini";
import { isPassing } from "../cloud/errors.ts";
import { parseJson } from "../cloud/json.ts";
import type { CloudAnswer } from "../cloud/send.ts";
import { googleCode } from "../google/ask.ts";
import { StoreUnavailable } from "./errors.ts";
import type { ListedObject } from "./object-store.ts";

const GENERATION = z.string().check(z.regex(/^\d{1,20}$/));
const objectSchema = z.object({ generation: GENERATION });
const listedSchema = z.object({ name: z.string(), generation: GENERATION, size: z.string(), updated: z.string() });
const pageSchema = z.object({ nextPageToken: z.optional(z.string()), items: z.optional(z.array(listedSchema)) });

export interface GsPage {
  /** Keys are those of the bucket. */
  readonly objects: readonly ListedObject[];
  /** Asks for the next page; undefined: this was the last. */
  readonly next: string | undefined;
}

/** What Cloud Storage would not do. The message has its word alone. */
export function gsFailure(doing: string, answer: CloudAnswer): StoreUnavailable {
  const { status, cause } = answer;
  const hint = HINTS[status] ?? "";
  return new StoreUnavailable(`cannot ${doing}: ${googleCode(answer)}${status === 0 ? "" : ` (HTTP ${status})`}${hint}`, {
    retryable: isPassing(status) || status === 401,
    cause,
  });
}

const HINTS: Readonly<Record<number, string>> = {
  401: ", the token is refused; one in GOOGLE_OAUTH_ACCESS_TOKEN lasts an hour",
  403: ", the service account needs storage.objects.get, list, create and delete on the bucket",
  404: ", there is no such bucket",
};

/** The generation of a written object. @throws {StoreUnavailable} */
export function readGeneration(doing: string, answer: CloudAnswer): string {
  const read = answer.status === 200 ? objectSchema.safeParse(parseJson(answer.body)) : undefined;
  if (!read?.success) throw gsFailure(doing, answer);
  return read.data.generation;
}

/** One page of Objects: list. @throws {StoreUnavailable} part of a list must not pass for the whole */
export function readPage(doing: string, answer: CloudAnswer): GsPage {
  const read = answer.status === 200 ? pageSchema.safeParse(parseJson(answer.body)) : undefined;
  if (!read?.success) throw gsFailure(doing, answer);
  const { items = [], nextPageToken } = read.data;
  const objects = items.map(({ name, generation, size, updated }) => ({ key: name, etag: generation, size: Number(size), modified: Date.parse(updated) }));
  return { objects, next: nextPageToken || undefined };
}
