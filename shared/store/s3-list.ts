import { InvalidXml, childOf, readXml, type XmlElement } from "./s3-xml.ts";
import type { ListedObject } from "./object-store.ts";

export interface S3Page {
  readonly objects: readonly ListedObject[];
  /** Asks for the next page; undefined: this was the last. */
  readonly next: string | undefined;
}

/**
 * Reads one page of ListObjectsV2; keys are still those of the bucket.
 * @throws {InvalidXml} part of a list must not pass for the whole
 */
export function readPage(body: Uint8Array): S3Page {
  const root = readXml(Buffer.from(body).toString());
  if (root.name !== "ListBucketResult") throw new InvalidXml(`${root.name} instead of ListBucketResult`, 0);
  const isTruncated = textOf(root, "IsTruncated");
  const next = isTruncated === "true" ? textOf(root, "NextContinuationToken") : undefined;
  if (next === "" || (isTruncated !== "true" && isTruncated !== "false")) throw new InvalidXml("it does not tell whether there is more", 0);
  return { objects: root.children.filter(({ name }) => name === "Contents").map(readObject), next };
}

function readObject(element: XmlElement): ListedObject {
  const size = Number(textOf(element, "Size"));
  const modified = Date.parse(textOf(element, "LastModified"));
  if (!Number.isSafeInteger(size) || Number.isNaN(modified)) throw new InvalidXml("an object without size or time", 0);
  return { key: textOf(element, "Key"), etag: textOf(element, "ETag"), size, modified };
}

function textOf(element: XmlElement, name: string): string {
  const found = childOf(element, name);
  if (found === undefined) throw new InvalidXml(`${element.name} without ${name}`, 0);
  return found.text;
}
