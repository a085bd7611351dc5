import { InvalidStoreUrl } from "./errors.ts";
import { isKeySegment } from "./key.ts";

/** A store URL of a bucket, in parts. */
export interface BucketUrl {
  readonly bucket: string;
  /** In front of every key: empty, or it ends with a slash. */
  readonly prefix: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Leaves room in 1,024 bytes for the keys of ours. */
const LONGEST_PREFIX = 256;

/**
 * Takes `scheme://bucket/prefix?name=value` apart. Errors repeat no part of it but names of parameters: it may hold credentials.
 * @param accepted what is accepted, for errors
 * @throws {InvalidStoreUrl}
 */
export function parseBucketUrl(url: string, names: readonly string[], accepted: string): BucketUrl {
  const refuse = (problem: string): InvalidStoreUrl => new InvalidStoreUrl(`${problem}; accepted is ${accepted}`);
  const match = /^(?:s3|gs):\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/i.exec(url);
  const [, bucket = "", path = "", query = ""] = match ?? [];
  if (match === null || bucket.includes("@")) throw refuse("the store URL cannot be read");
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket)) throw refuse("the store URL names no bucket");
  const segments = path.split("/").filter((segment) => segment !== "");
  const isPrefix = segments.every(isKeySegment) && path.length <= LONGEST_PREFIX;
  if (!isPrefix) throw refuse("the prefix of the store URL is too long or holds other characters than A-Z a-z 0-9 . _ - /");
  const parameters = new Map(new URLSearchParams(query));
  for (const [name, value] of parameters) {
    if (!names.includes(name)) throw refuse(`the store URL has a parameter that is not known: ${name.slice(0, 40)}`);
    if (value === "") throw refuse(`${name} of the store URL is empty`);
  }
  return { bucket, prefix: segments.map((segment) => `${segment}/`).join(""), parameters };
}

/** The origin of an endpoint: no path, query or user. Undefined: none was given. @throws {InvalidStoreUrl} */
export function endpointOf({ parameters }: BucketUrl, accepted: string): string | undefined {
  const given = parameters.get("endpoint");
  if (given === undefined) return undefined;
  if (!/^https?:\/\/[^/?#@\s]+\/?$/.test(given) || !URL.canParse(given)) {
    throw new InvalidStoreUrl(`endpoint of the store URL is not http(s)://host[:port]; accepted is ${accepted}`);
  }
  return new URL(given).origin;
}
