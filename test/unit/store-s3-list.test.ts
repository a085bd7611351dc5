import { describe, expect, it } from "vitest";
import { readPage } from "../../shared/store/s3-list.ts";

const listed = (inner: string): Uint8Array => Buffer.from(`<ListBucketResult>${inner}</ListBucketResult>`);
const LAST = "<IsTruncated>false</IsTruncated>";

describe("a page of a list in S3", () => {
  it("may be empty", () => {
    expect(readPage(listed(LAST))).toEqual({ objects: [], next: undefined });
  });

  it.each([
    ["another answer", Buffer.from("<ListAllMyBucketsResult/>")],
    ["no word of an end", listed("")],
    ["another word", listed("<IsTruncated>maybe</IsTruncated>")],
    ["more, but not where", listed("<IsTruncated>true</IsTruncated>")],
    ["more, but nowhere", listed("<IsTruncated>true</IsTruncated><NextContinuationToken/>")],
    ["no key", listed(`${LAST}<Contents><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified><ETag>e</ETag></Contents>`)],
    ["no size", listed(`${LAST}<Contents><Key>a</Key><Size>x</Size><LastModified>2026-01-01T00:00:00Z</LastModified><ETag>e</ETag></Contents>`)],
    ["no time", listed(`${LAST}<Contents><Key>a</Key><Size>1</Size><LastModified>then</LastModified><ETag>e</ETag></Contents>`)],
  ])("is refused with %s: part of a list must not pass for the whole", (_, body) => {
    expect(() => readPage(body)).toThrow(expect.objectContaining({ code: "invalid-xml", retryable: true }));
  });
});
