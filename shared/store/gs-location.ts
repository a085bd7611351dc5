import { endpointOf, parseBucketUrl } from "./url-parts.ts";

/** Where the objects of a store in Google Cloud Storage are. */
export interface GsLocation {
  /** For people: `gs://bucket/prefix/`. */
  readonly name: string;
  readonly bucket: string;
  /** In front of every key: empty, or it ends with a slash. */
  readonly prefix: string;
  /** Origin of the API. */
  readonly origin: string;
}

const GS_ACCEPTED = "gs://bucket/prefix?endpoint=https://host, all but the bucket optional";

/**
 * Reads a `gs:` URL (DESIGN.md 4.2). An endpoint without TLS is taken for a test server, and gets no token.
 * @throws {InvalidStoreUrl}
 */
export function parseGsUrl(url: string): GsLocation {
  const parts = parseBucketUrl(url, ["endpoint"], GS_ACCEPTED);
  const { bucket, prefix } = parts;
  return { name: `gs://${bucket}/${prefix}`, bucket, prefix, origin: endpointOf(parts, GS_ACCEPTED) ?? "https://storage.googleapis.com" };
}
