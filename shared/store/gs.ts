import { randomUUID } from "node:crypto";
import type { CloudAnswer, CloudRequest, SendOptions } from "../cloud/send.ts";
import { askGoogle } from "../google/ask.ts";
import { environmentTokens, type GoogleTokenSource } from "../google/token.ts";
import { createChangeListeners } from "./change-listeners.ts";
import { asStoreFailure } from "./cloud-failure.ts";
import { type Condition, isConditional } from "./condition.ts";
import { PreconditionFailed } from "./errors.ts";
import { gsFailure, readGeneration, readPage } from "./gs-answer.ts";
import type { GsLocation } from "./gs-location.ts";
import { multipartUpload } from "./gs-upload.ts";
import { checkKey, checkPrefix, compareKeys } from "./key.ts";
import type { ListedObject, ObjectStore } from "./object-store.ts";
import { isOwnKey } from "./own-keys.ts";

export interface GsStoreOptions {
  /** Default: those of the environment; none where the endpoint has no TLS. */
  readonly tokens?: GoogleTokenSource;
  readonly sending?: SendOptions;
  /** Objects in one page of a list; by default 1,000, which is also the most. */
  readonly pageSize?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** So long a bucket that was there is taken to be there, in milliseconds. */
const BUCKET_KNOWN = 60_000;

/** Cloud Storage takes one write of an object a second (Cloud Storage, "Quotas and limits"). */
const WRITE_PAUSE = 1_000;

/** Names the write that an object comes from, so that one whose answer got lost knows its own. */
const WRITE = "write";

/**
 * An object store in a bucket of Google Cloud Storage: JSON API, an entity tag is a generation (DESIGN.md 4.2). One object
 * takes one write a second; a refusal for that (429) is waited out.
 * @example const store = createGsStore(parseGsUrl("gs://bucket/prefix"));
 */
export function createGsStore({ name, bucket, prefix: before, origin }: GsLocation, options: GsStoreOptions = {}): ObjectStore {
  const { sending, pageSize = 1000, now = Date.now } = options;
  const tokens = options.tokens ?? (origin.startsWith("https:") ? environmentTokens() : undefined);
  const listeners = createChangeListeners();
  let bucketSeen = -Infinity;

  const ask = (request: CloudRequest): Promise<CloudAnswer> => asStoreFailure(askGoogle(request, tokens, sending));
  const objects = `${origin}/storage/v1/b/${bucket}/o`;
  const urlOf = (key: string, query = ""): string => `${objects}/${encodeURIComponent(before + key)}${query && `?${query}`}`;

  async function listPage(prefix: string, most: number, from: string | undefined): Promise<CloudAnswer> {
    const query = new URLSearchParams({ prefix: before + prefix, maxResults: String(most), fields: "nextPageToken,items(name,generation,size,updated)" });
    if (from !== undefined) query.set("pageToken", from);
    return ask({ method: "GET", url: `${objects}?${query}` });
  }

  /** A missing object is answered as a missing bucket is: what is not read is not absent (DESIGN.md 2). */
  async function checkBucket(doing: string): Promise<void> {
    if (now() - bucketSeen < BUCKET_KNOWN) return;
    readPage(doing, await listPage("", 1, undefined));
    bucketSeen = now();
  }

  return {
    writePause: WRITE_PAUSE,

    async get(key, { ifNoneMatch } = {}) {
      checkKey(key);
      const doing = `read ${key} in ${name}`;
      const condition = ifNoneMatch === undefined ? "" : `&ifGenerationNotMatch=${encodeURIComponent(ifNoneMatch)}`;
      const answer = await ask({ method: "GET", url: urlOf(key, `alt=media${condition}`) });
      if (answer.status === 304) return { status: "not-modified" };
      if (answer.status === 404) {
        await checkBucket(doing);
        return { status: "absent" };
      }
      const etag = answer.headers.get("x-goog-generation");
      if (answer.status !== 200 || etag === null) throw gsFailure(doing, answer);
      return etag === ifNoneMatch ? { status: "not-modified" } : { status: "found", body: answer.body, etag };
    },

    async put(key, body, condition = {}) {
      checkKey(key);
      const doing = `write ${key} in ${name}`;
      const write = randomUUID();
      const url = `${origin}/upload/storage/v1/b/${bucket}/o?uploadType=multipart&fields=generation${conditionQuery(condition)}`;
      const answer = await ask(multipartUpload(url, { name: before + key, cacheControl: "no-store", metadata: { [WRITE]: write } }, body));
      const etag = answer.status === 412 ? await recognise() : readGeneration(doing, answer);
      listeners.notify(key);
      return { etag };

      /** Whether a refusal comes from an earlier try of the same write, which was carried out. */
      async function recognise(): Promise<string> {
        const present = answer.isRepeated ? await ask({ method: "GET", url: urlOf(key, "alt=media") }) : undefined;
        const generation = present?.headers.get("x-goog-generation");
        if (!generation || present?.headers.get(`x-goog-meta-${WRITE}`) !== write) throw new PreconditionFailed(key);
        return generation;
      }
    },

    async delete(key, condition = {}) {
      checkKey(key);
      const doing = `delete ${key} in ${name}`;
      const answer = await ask({ method: "DELETE", url: urlOf(key, conditionQuery(condition).slice(1)) });
      if (answer.status === 404) await checkBucket(doing);
      // One that is sent again finds what it has deleted itself absent.
      const isLost = answer.status === 412 || (answer.status === 404 && !answer.isRepeated);
      if (isLost && isConditional(condition)) throw new PreconditionFailed(key);
      if (answer.status !== 204 && answer.status !== 200 && answer.status !== 404) throw gsFailure(doing, answer);
      listeners.notify(key);
    },

    async list(prefix) {
      checkPrefix(prefix);
      const listed: ListedObject[] = [];
      let next: string | undefined;
      do {
        const page = readPage(`list ${prefix} in ${name}`, await listPage(prefix, pageSize, next));
        listed.push(...page.objects.map((object) => ({ ...object, key: object.key.slice(before.length) })));
        next = page.next;
      } while (next !== undefined);
      return listed.filter(({ key }) => isOwnKey(key)).sort(compareKeys);
    },

    onChange: (listener) => listeners.add(listener),
  };
}

function conditionQuery({ ifMatch, ifNoneMatch }: Condition): string {
  // Generation 0 is that of what is not there.
  const generation = ifNoneMatch === undefined ? ifMatch : "0";
  return generation === undefined ? "" : `&ifGenerationMatch=${encodeURIComponent(generation)}`;
}
