import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { createS3Store, type S3StoreOptions } from "../../shared/store/s3.ts";
import { parseS3Url } from "../../shared/store/s3-location.ts";
import { type CloudServer, withServer } from "../clouds/server.ts";
import { askAws, makeBucket, startMoto } from "../support/moto.ts";
import { AWS_TEST_CREDENTIALS, startVersitygw } from "../support/versitygw.ts";
import { names, range, read, text } from "./store-bodies.ts";
import { storeContract, type StoreUnderTest } from "./store-contract.ts";
import { leaseContract } from "./store-lease-contract.ts";
import { passesOn } from "./store-pass.ts";

const options: S3StoreOptions = { credentials: { get: async () => AWS_TEST_CREDENTIALS, drop: () => undefined } };

const ENV = { AWS_ACCESS_KEY_ID: AWS_TEST_CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: AWS_TEST_CREDENTIALS.secretAccessKey };

withServer("versitygw", () => {
  describe("S3 of versitygw", () => {
    let server: CloudServer;
    beforeAll(async () => {
      server = await startVersitygw();
      await makeBucket(server, "contract");
    });
    afterAll(() => server.stop());

    const open = async (): Promise<StoreUnderTest> => {
      const url = `s3://contract/${randomUUID()}/deep?endpoint=${server.origin}`;
      const location = parseS3Url(url);
      return { store: createS3Store(location, options), another: createS3Store(location, options), url, env: ENV, close: async () => undefined };
    };
    // It answers 204 to whom deletes a version of what is absent; what AWS answers is not documented.
    storeContract("s3", open, { timeStep: 1000, deleteConditions: "present" });
    leaseContract("s3", open);
    passesOn("s3", () => ({ url: `s3://contract/passes?endpoint=${server.origin}`, env: ENV }));

    test("a list of several pages is whole", async () => {
      const location = parseS3Url(`s3://contract/pages?endpoint=${server.origin}`);
      const store = createS3Store(location, { ...options, pageSize: 3 });
      const keys = range(10).map((index) => `a/${index}`);
      await Promise.all(keys.map((key) => store.put(key, text("x"))));
      await expect(names(store, "a/")).resolves.toEqual(keys);
    });

    test("a missing bucket and refused credentials are told of, and are no absence", async () => {
      const missing = createS3Store(parseS3Url(`s3://missing?endpoint=${server.origin}`), options);
      await expect(missing.get("a")).rejects.toMatchObject({ message: expect.stringContaining("NoSuchBucket (HTTP 404), there is no such bucket"), retryable: false });
      await expect(missing.list("")).rejects.toBeInstanceOf(StoreUnavailable);
      const credentials = { get: async () => ({ ...AWS_TEST_CREDENTIALS, secretAccessKey: "other" }), drop: () => undefined };
      const refused = createS3Store(parseS3Url(`s3://contract?endpoint=${server.origin}`), { credentials });
      await expect(refused.get("a")).rejects.toMatchObject({ message: "cannot read a in s3://contract/: SignatureDoesNotMatch (HTTP 403)", retryable: false });
    });
  });
});

withServer("moto", () => {
  describe("S3 of moto", () => {
    let server: CloudServer;
    beforeAll(async () => {
      server = await startMoto();
      await makeBucket(server, "encrypted");
    });
    afterAll(() => server.stop());

    test.each([
      ["sse=AES256", { "x-amz-server-side-encryption": "AES256" }],
      ["sse=aws:kms&kms-key=my-key", { "x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": "my-key" }],
    ])("objects are stored with %s", async (parameters, headers) => {
      const store = createS3Store(parseS3Url(`s3://encrypted/a?endpoint=${server.origin}&${parameters}`), options);
      const { etag } = await store.put("one", text("x"), { ifNoneMatch: "*" });
      await expect(store.put("one", text("x"), { ifNoneMatch: "*" })).rejects.toMatchObject({ code: "precondition-failed" });
      await store.put("one", text("y"), { ifMatch: etag });
      await expect(store.delete("one", { ifMatch: etag })).rejects.toMatchObject({ code: "precondition-failed" });
      await expect(read(store, "one")).resolves.toBe("y");
      const answer = await askAws("s3", { method: "GET", url: `${server.origin}/encrypted/a/one` });
      expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
      await store.delete("one");
      await expect(store.delete("one", { ifMatch: etag })).rejects.toMatchObject({ code: "precondition-failed" });
    });
  });
});
