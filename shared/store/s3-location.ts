import { type Environment, environmentRegion } from "../aws/credentials.ts";
import { InvalidStoreUrl } from "./errors.ts";
import { endpointOf, parseBucketUrl } from "./url-parts.ts";

/** Where the objects of an S3 store are, and how they are encrypted. */
export interface S3Location {
  /** For people: `s3://bucket/prefix/`. */
  readonly name: string;
  readonly region: string;
  /** In front of every key: empty, or it ends with a slash. */
  readonly prefix: string;
  /** URL of the bucket; it ends with a slash. */
  readonly bucketUrl: string;
  /** Headers of every write. */
  readonly encryption: Readonly<Record<string, string>>;
}

const S3_ACCEPTED =
  "s3://bucket/prefix?region=eu-central-1&endpoint=https://host&style=path|virtual&sse=AES256|aws:kms&kms-key=ID, all but the bucket optional";

const PARAMETERS = ["region", "endpoint", "style", "sse", "kms-key"];

/**
 * Reads an `s3:` URL (DESIGN.md 4.2).
 * @param env names the region where the URL does not
 * @throws {InvalidStoreUrl}
 */
export function parseS3Url(url: string, env: Environment = process.env): S3Location {
  const parts = parseBucketUrl(url, PARAMETERS, S3_ACCEPTED);
  const { bucket, prefix, parameters } = parts;
  const refuse = (problem: string): InvalidStoreUrl => new InvalidStoreUrl(`${problem}; accepted is ${S3_ACCEPTED}`);
  const endpoint = endpointOf(parts, S3_ACCEPTED);
  // A server of one's own has regions in name only.
  const region = parameters.get("region") ?? environmentRegion(env) ?? (endpoint === undefined ? undefined : "us-east-1");
  if (region === undefined) throw refuse("the s3: store URL needs a region, or AWS_REGION");
  if (!/^[a-z0-9-]+$/.test(region)) throw refuse("region of the store URL is not a region");
  const style = parameters.get("style") ?? (endpoint === undefined && !bucket.includes(".") ? "virtual" : "path");
  if (style !== "path" && style !== "virtual") throw refuse("style of the store URL is neither path nor virtual");
  const origin = new URL(endpoint ?? `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`);
  if (style === "virtual") origin.host = `${bucket}.${origin.host}`;
  return {
    name: `s3://${bucket}/${prefix}`,
    region,
    prefix,
    bucketUrl: `${origin.origin}/${style === "path" ? `${bucket}/` : ""}`,
    encryption: encryptionOf(parameters, refuse),
  };
}

function encryptionOf(parameters: ReadonlyMap<string, string>, refuse: (problem: string) => InvalidStoreUrl): Record<string, string> {
  const sse = parameters.get("sse");
  const key = parameters.get("kms-key");
  if (sse !== undefined && sse !== "AES256" && sse !== "aws:kms") throw refuse("sse of the store URL is neither AES256 nor aws:kms");
  if (key !== undefined && sse !== "aws:kms") throw refuse("kms-key of the store URL needs sse=aws:kms");
  return {
    ...(sse === undefined ? {} : { "x-amz-server-side-encryption": sse }),
    // A key of one's own is paid for by the request, unless the bucket keeps one derived from it.
    ...(sse === "aws:kms" ? { "x-amz-server-side-encryption-bucket-key-enabled": "true" } : {}),
    ...(key === undefined ? {} : { "x-amz-server-side-encryption-aws-kms-key-id": key }),
  };
}
