import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe } from "vitest";
import { createS3Store, type S3StoreOptions } from "../../shared/store/s3.ts";
import { parseS3Url } from "../../shared/store/s3-location.ts";
import { type CloudServer, withServer } from "../clouds/server.ts";
import { makeBucket } from "../support/moto.ts";
import { AWS_TEST_CREDENTIALS, startVersitygw } from "../support/versitygw.ts";
import { storeContract, type StoreUnderTest } from "./store-contract.ts";
import { leaseContract } from "./store-lease-contract.ts";

const options: S3StoreOptions = { credentials: { get: async () => AWS_TEST_CREDENTIALS, drop: () => undefined } };

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
      const env = { AWS_ACCESS_KEY_ID: AWS_TEST_CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: AWS_TEST_CREDENTIALS.secretAccessKey };
      return { store: createS3Store(location, options), another: createS3Store(location, options), url, env, close: async () => undefined };
    };
    // It answers 204 to whom deletes a version of what is absent; what AWS answers is not documented.
    storeContract("s3", open, { timeStep: 1000, deleteConditions: "present" });
    leaseContract("s3", open);
  });
});
