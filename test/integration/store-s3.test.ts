import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe } from "vitest";
import { createS3Store, type S3StoreOptions } from "../../shared/store/s3.ts";
import { parseS3Url } from "../../shared/store/s3-location.ts";
import { type CloudServer, withServer } from "../clouds/server.ts";
import { makeBucket } from "../support/moto.ts";
import { AWS_TEST_CREDENTIALS, startVersitygw } from "../support/versitygw.ts";
import { storeContract } from "./store-contract.ts";

const options: S3StoreOptions = { credentials: { get: async () => AWS_TEST_CREDENTIALS, drop: () => undefined } };

withServer("versitygw", () => {
  describe("S3 of versitygw", () => {
    let server: CloudServer;
    beforeAll(async () => {
      server = await startVersitygw();
      await makeBucket(server, "contract");
    });
    afterAll(() => server.stop());

    storeContract("s3", async () => {
      const location = parseS3Url(`s3://contract/${randomUUID()}/deep?endpoint=${server.origin}`);
      return { store: createS3Store(location, options), another: createS3Store(location, options), close: async () => undefined };
    }, { timeStep: 1000, deleteConditions: "present" });
  });
});
