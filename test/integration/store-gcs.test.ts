import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe } from "vitest";
import { createGsStore } from "../../shared/store/gs.ts";
import { parseGsUrl } from "../../shared/store/gs-location.ts";
import { type CloudServer, withServer } from "../clouds/server.ts";
import { makeGcsBucket, startGcs } from "../support/gcs.ts";
import { storeContract, type StoreUnderTest } from "./store-contract.ts";
import { leaseContract } from "./store-lease-contract.ts";

withServer("fake-gcs-server", () => {
  describe("Cloud Storage of fake-gcs-server", () => {
    let server: CloudServer;
    beforeAll(async () => {
      server = await startGcs();
      await makeGcsBucket(server, "contract");
    });
    afterAll(() => server.stop());

    const open = async (): Promise<StoreUnderTest> => {
      const url = `gs://contract/${randomUUID()}/deep?endpoint=${server.origin}`;
      const location = parseGsUrl(url);
      return { store: createGsStore(location), another: createGsStore(location), url, close: async () => undefined };
    };
    // fake-gcs-server leaves the conditions of deletes out of account; test/unit/store-gs.test.ts has them.
    storeContract("gs", open, { deleteConditions: "none" });
    leaseContract("gs", open);
  });
});
