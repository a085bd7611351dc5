import { afterEach, describe, expect, it } from "vitest";
import type { AwsCredentials } from "../../shared/aws/credentials.ts";
import { CloudError } from "../../shared/cloud/errors.ts";
import { PreconditionFailed, StoreUnavailable } from "../../shared/store/errors.ts";
import { createS3Store } from "../../shared/store/s3.ts";
import { parseS3Url } from "../../shared/store/s3-location.ts";
import { noPauses, type Peer, type PeerAnswer, type Seen, startPeer } from "../clouds/peer.ts";

const KEYS: AwsCredentials = { accessKeyId: "AKIATEST", secretAccessKey: "sEcReT" };
const error = (status: number, code: string, headers: Record<string, string> = {}): PeerAnswer => ({
  status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>about AKIATEST</Message></Error>`,
});
const object = (key: string): string =>
  `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>3</Size></Contents>`;
const written: PeerAnswer = { status: 200, headers: { etag: '"1"' } };

let peer: Peer;
afterEach(() => peer.close());

async function setUp(answer: (request: Seen, number: number) => PeerAnswer, parameters = "") {
  peer = await startPeer(answer);
  const sending = noPauses();
  const dropped: AwsCredentials[] = [];
  const credentials = { get: async () => ({ ...KEYS, sessionToken: `session ${dropped.length}` }), drop: (one: AwsCredentials) => void dropped.push(one) };
  const store = createS3Store(parseS3Url(`s3://bucket/in?region=eu-central-1&endpoint=${peer.origin}${parameters}`), { sending, credentials, pageSize: 2 });
  return { store, sending, dropped };
}

describe("an S3 store", () => {
  it("asks with conditions, encryption and a signature of body and region", async () => {
    const { store } = await setUp(() => written, "&sse=aws:kms&kms-key=arn:aws:kms:x:1:key/k");
    await store.put("a/b.json", Buffer.from("{}"), { ifNoneMatch: "*" });
    await store.put("a", Buffer.from("1"), { ifMatch: '"7"' });
    expect(peer.seen[0]).toMatchObject({
      method: "PUT",
      path: "/bucket/in/a/b.json",
      headers: {
        "if-none-match": "*",
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:x:1:key/k",
        "x-amz-content-sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "x-amz-security-token": "session 0",
        authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=AKIATEST\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=.*if-none-match/),
      },
    });
    expect(peer.seen[1]?.headers["if-match"]).toBe('"7"');
  });

  it("waits longer and longer while it is told to slow down, and not less than it is asked to", async () => {
    const { store, sending } = await setUp((_, number) =>
      number === 1 ? error(503, "SlowDown") : number === 2 ? error(503, "SlowDown", { "retry-after": "2" }) : number === 3 ? "hang-up" : written);
    await store.put("a", Buffer.from("x"));
    expect(sending.pauses).toEqual([100, 2050, 400]);
  });

  it("gives up at last, and says with S3's word what it could not do", async () => {
    const { store, sending } = await setUp(() => error(503, "SlowDown"));
    const failure = await store.put("a", Buffer.from("x")).catch((one: unknown) => one);
    expect(failure).toBeInstanceOf(StoreUnavailable);
    expect(failure).toMatchObject({ retryable: true, message: "cannot write a in s3://bucket/in/: SlowDown (HTTP 503)" });
    expect(sending.pauses).toHaveLength(5);
  });

  it("does not wait for what is asked to wait too long", async () => {
    const { store, sending } = await setUp(() => error(503, "SlowDown", { "retry-after": "600" }));
    await expect(store.get("a")).rejects.toMatchObject({ retryable: true });
    expect(sending.pauses).toEqual([]);
  });

  it("knows its own write when the answer got lost, and that of another", async () => {
    const lost = new PreconditionFailed("a");
    for (const isOwn of [true, false]) {
      let own = "";
      const { store } = await setUp((request, number) => {
        if (number === 1) own = String(request.headers["x-amz-meta-write"]);
        if (number === 1) return "hang-up";
        if (request.method === "PUT") return error(412, "PreconditionFailed");
        return { status: 200, headers: { etag: '"5"', "x-amz-meta-write": isOwn ? own : "other" }, body: "x" };
      });
      const result = await store.put("a", Buffer.from("x"), { ifNoneMatch: "*" }).catch((one: unknown) => one);
      expect(result).toEqual(isOwn ? { etag: '"5"' } : lost);
      await peer.close();
    }
  });

  it("has lost where a version is gone, or another writes at the same time again and again", async () => {
    const { store } = await setUp(({ path }) => (path.endsWith("gone") ? error(404, "NoSuchKey") : error(409, "ConditionalRequestConflict")));
    await expect(store.put("gone", Buffer.from("x"), { ifMatch: '"1"' })).rejects.toBeInstanceOf(PreconditionFailed);
    await expect(store.delete("gone", { ifMatch: '"1"' })).rejects.toBeInstanceOf(PreconditionFailed);
    await expect(store.delete("gone")).resolves.toBeUndefined();
    await expect(store.put("hot", Buffer.from("x"), { ifMatch: '"1"' })).rejects.toBeInstanceOf(PreconditionFailed);
    expect(peer.seen.filter(({ path }) => path.endsWith("hot"))).toHaveLength(6);
  });

  it("takes a delete for done whose repetition finds nothing", async () => {
    const { store } = await setUp((_, number) => (number === 1 ? "hang-up" : error(404, "NoSuchKey")));
    await expect(store.delete("a", { ifMatch: '"1"' })).resolves.toBeUndefined();
  });

  it.each([
    [error(404, "NoSuchBucket"), /NoSuchBucket \(HTTP 404\), there is no such bucket$/],
    [{ status: 404, body: "<html>not here</html>" }, /Http404 \(HTTP 404\)$/],
    [{ status: 404, body: "" }, /Http404/],
    [error(403, "AccessDenied"), /AccessDenied \(HTTP 403\), the role needs s3:GetObject/],
    [{ status: 301, headers: { "x-amz-bucket-region": "us-west-2", location: "http://elsewhere/" } }, /Http301 \(HTTP 301\), the bucket is in the region us-west-2$/],
    [{ status: 200, body: "no tag" }, /Http200/],
  ] satisfies [PeerAnswer, RegExp][])("does not take %j for absence", async (answer, message) => {
    const { store } = await setUp(() => answer);
    await expect(store.get("a")).rejects.toMatchObject({ code: "store-unavailable", retryable: false, message: expect.stringMatching(message) });
    await expect(store.get("a")).rejects.not.toMatchObject({ message: expect.stringContaining("AKIATEST") });
  });

  it("takes other credentials once where these have expired", async () => {
    const { store, dropped } = await setUp(({ headers }) => (headers["x-amz-security-token"] === "session 0" ? error(400, "ExpiredToken") : written));
    await store.put("a", Buffer.from("x"));
    expect(dropped).toEqual([{ ...KEYS, sessionToken: "session 0" }]);
    await peer.close();
    const other = await setUp(() => error(400, "ExpiredToken"));
    await expect(other.store.put("a", Buffer.from("x"))).rejects.toMatchObject({ retryable: true });
    expect(peer.seen).toHaveLength(2);
  });

  it("passes on what went wrong with the credentials", async () => {
    await setUp(() => written);
    const location = parseS3Url(`s3://bucket?region=x&endpoint=${peer.origin}`);
    const none = (failure: Error) => createS3Store(location, { credentials: { get: async () => Promise.reject(failure), drop: () => undefined } });
    const missing = new CloudError("find AWS credentials", { code: "NoCredentials", status: 0, retryable: false });
    await expect(none(missing).get("a")).rejects.toMatchObject({ code: "store-unavailable", retryable: false, message: "cannot find AWS credentials: NoCredentials" });
    await expect(none(new RangeError("bug")).get("a")).rejects.toBeInstanceOf(RangeError);
    expect(peer.seen).toHaveLength(0);
  });

  it("lists page by page, without what is not its own, and refuses half a list", async () => {
    const pages = [
      `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>${object("in/b")}${object("in/")}<NextContinuationToken>a&amp;b+c</NextContinuationToken></ListBucketResult>`,
      `<ListBucketResult><IsTruncated>false</IsTruncated>${object("in/a")}${object("in/x y")}</ListBucketResult>`,
      `<ListBucketResult>${object("in/a")}</ListBucketResult>`,
    ];
    const { store } = await setUp((_, number) => ({ status: 200, body: pages[number - 1] ?? "" }));
    const modified = Date.UTC(2026, 0, 2, 3, 4, 5);
    await expect(store.list("")).resolves.toEqual(["a", "b"].map((key) => ({ key, etag: '"e"', size: 3, modified })));
    expect(new URL(peer.seen[1]?.path ?? "", peer.origin).searchParams.get("continuation-token")).toBe("a&b+c");
    await expect(store.list("")).rejects.toMatchObject({ code: "invalid-xml", retryable: true });
  });
});

describe("an S3 location", () => {
  it.each([
    ["s3://bucket?region=eu-central-1", "https://bucket.s3.eu-central-1.amazonaws.com/", ""],
    ["s3://my.bucket/a/b/?region=eu-central-1", "https://s3.eu-central-1.amazonaws.com/my.bucket/", "a/b/"],
    ["s3://bucket?region=cn-north-1", "https://bucket.s3.cn-north-1.amazonaws.com.cn/", ""],
    ["s3://bucket?endpoint=https://minio.example.com:9000", "https://minio.example.com:9000/bucket/", ""],
    ["s3://bucket?endpoint=https://r2.example.com&style=virtual", "https://bucket.r2.example.com/", ""],
    ["s3://bucket", "https://bucket.s3.us-east-2.amazonaws.com/", ""],
  ])("%s is at %s", async (url, bucketUrl, prefix) => {
    peer = await startPeer(() => written);
    expect(parseS3Url(url, { AWS_REGION: "us-east-2" })).toMatchObject({ bucketUrl, prefix });
  });
});
