import { randomUUID } from "node:crypto";
import { type AwsCredentials, type AwsCredentialSource, environmentCredentials } from "../aws/credentials.ts";
import { signAws } from "../aws/sign.ts";
import { type CloudAnswer, type CloudRequest, send, type SendOptions } from "../cloud/send.ts";
import { createChangeListeners } from "./change-listeners.ts";
import { asStoreFailure } from "./cloud-failure.ts";
import { type Condition, isConditional } from "./condition.ts";
import { PreconditionFailed } from "./errors.ts";
import { checkKey, checkPrefix, compareKeys } from "./key.ts";
import type { ListedObject, ObjectStore } from "./object-store.ts";
import { isOwnKey } from "./own-keys.ts";
import { s3Code, s3Failure } from "./s3-answer.ts";
import { readPage } from "./s3-list.ts";
import type { S3Location } from "./s3-location.ts";

export interface S3StoreOptions {
  /** Default: those of the environment. */
  readonly credentials?: AwsCredentialSource;
  readonly sending?: SendOptions;
  /** Objects in one page of a list; by default 1,000, which is also the most. */
  readonly pageSize?: number;
}

/** Names the write that an object comes from, so that one whose answer got lost knows its own. */
const WRITE = "x-amz-meta-write";

/**
 * An object store in a bucket of S3, or of what speaks its protocol with conditional writes (DESIGN.md 4.2).
 * @example const store = createS3Store(parseS3Url("s3://bucket/prefix?region=eu-central-1"));
 */
export function createS3Store(location: S3Location, options: S3StoreOptions = {}): ObjectStore {
  const { credentials: source = environmentCredentials(), sending, pageSize = 1000 } = options;
  const listeners = createChangeListeners();

  async function ask(request: CloudRequest): Promise<CloudAnswer> {
    let used: AwsCredentials | undefined;
    let isReplaced = false;
    return send(prepare, { ...sending, again });

    async function prepare(): Promise<CloudRequest> {
      used = await asStoreFailure(source.get());
      return signAws(request, used, "s3", location.region);
    }

    function again(answer: CloudAnswer): boolean {
      if (answer.status !== 400 && answer.status !== 403 && answer.status !== 409) return false;
      const code = s3Code(answer);
      // Of two writes at the same time: nothing is said yet of who was faster.
      if (code !== "ExpiredToken" || used === undefined || isReplaced) return code === "ConditionalRequestConflict";
      source.drop(used);
      isReplaced = true;
      return true;
    }
  }

  const urlOf = (key: string): string => location.bucketUrl + location.prefix + key;
  const get = (key: string, headers: Readonly<Record<string, string>>): Promise<CloudAnswer> => ask({ method: "GET", url: urlOf(key), headers });

  return {
    async get(key, { ifNoneMatch } = {}) {
      checkKey(key);
      const answer = await get(key, ifNoneMatch === undefined ? {} : { "if-none-match": ifNoneMatch });
      if (answer.status === 304) return { status: "not-modified" };
      if (isAbsent(answer)) return { status: "absent" };
      const etag = answer.headers.get("etag");
      if (answer.status !== 200 || etag === null) throw s3Failure(`read ${key} in ${location.name}`, answer);
      return { status: "found", body: answer.body, etag };
    },

    async put(key, body, condition = {}) {
      checkKey(key);
      const write = randomUUID();
      const headers = { ...location.encryption, ...conditionHeaders(condition), [WRITE]: write };
      const answer = await ask({ method: "PUT", url: urlOf(key), headers, body: Uint8Array.from(body) });
      const etag = answer.status === 200 ? answer.headers.get("etag") : await recognise(answer);
      if (etag === null) throw s3Failure(`write ${key} in ${location.name}`, answer);
      listeners.notify(key);
      return { etag };

      /** Whether a refusal comes from an earlier try of the same write, which was carried out. */
      async function recognise(refusal: CloudAnswer): Promise<string | null> {
        const isRefused = isConditional(condition) && (isLost(refusal) || isAbsent(refusal));
        if (!isRefused) throw s3Failure(`write ${key} in ${location.name}`, refusal);
        const present = refusal.isRepeated ? await get(key, {}) : undefined;
        if (present?.headers.get(WRITE) !== write) throw new PreconditionFailed(key);
        return present.headers.get("etag");
      }
    },

    async delete(key, condition = {}) {
      checkKey(key);
      const answer = await ask({ method: "DELETE", url: urlOf(key), headers: conditionHeaders(condition) });
      const isGone = isAbsent(answer);
      // One that is sent again finds what it has deleted itself absent.
      if (isConditional(condition) && (isLost(answer) || (isGone && !answer.isRepeated))) throw new PreconditionFailed(key);
      if (answer.status !== 204 && answer.status !== 200 && !isGone) throw s3Failure(`delete ${key} in ${location.name}`, answer);
      listeners.notify(key);
    },

    async list(prefix) {
      checkPrefix(prefix);
      const listed: ListedObject[] = [];
      for (let next: string | undefined = ""; next !== undefined; ) {
        const query = new URLSearchParams({ "list-type": "2", "max-keys": String(pageSize), prefix: location.prefix + prefix });
        if (next !== "") query.set("continuation-token", next);
        const answer = await ask({ method: "GET", url: `${location.bucketUrl}?${query}` });
        if (answer.status !== 200) throw s3Failure(`list ${prefix} in ${location.name}`, answer);
        const page = readPage(answer.body);
        listed.push(...page.objects.map((object) => ({ ...object, key: object.key.slice(location.prefix.length) })));
        next = page.next;
      }
      return listed.filter(({ key }) => isOwnKey(key)).sort(compareKeys);
    },

    onChange: (listener) => listeners.add(listener),
  };
}

function isLost(answer: CloudAnswer): boolean {
  return answer.status === 412 || s3Code(answer) === "ConditionalRequestConflict";
}

/** Not every 404 says so: a bucket may be gone, or a proxy speak. */
function isAbsent(answer: CloudAnswer): boolean {
  return answer.status === 404 && s3Code(answer) === "NoSuchKey";
}

function conditionHeaders({ ifMatch, ifNoneMatch }: Condition): Record<string, string> {
  return { ...(ifMatch === undefined ? {} : { "if-match": ifMatch }), ...(ifNoneMatch === undefined ? {} : { "if-none-match": ifNoneMatch }) };
}
