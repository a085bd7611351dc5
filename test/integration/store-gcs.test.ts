import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGsStore } from "../../shared/store/gs.ts";
import { parseGsUrl } from "../../shared/store/gs-location.ts";
import { type CloudServer, withServer } from "../clouds/server.ts";
import { makeGcsBucket, startGcs } from "../support/gcs.ts";
import { names, range, text } from "./store-bodies.ts";
import { storeContract, type StoreUnderTest } from "./store-contract.ts";
import { leaseContract } from "./store-lease-contract.ts";
import { passesOn } from "./store-pass.ts";

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
    passesOn("gs", () => ({ url: `gs://contract/passes?endpoint=${server.origin}`, env: {} }));

    test("a list of several pages is whole, and a missing bucket is no absence", async () => {
      const store = createGsStore(parseGsUrl(`gs://contract/pages?endpoint=${server.origin}`), { pageSize: 3 });
      const keys = range(10).map((index) => `a/${index}`);
      await Promise.all(keys.map((key) => store.put(key, text("x"))));
      await expect(names(store, "a/")).resolves.toEqual(keys);
      const missing = createGsStore(parseGsUrl(`gs://missing?endpoint=${server.origin}`));
      await expect(missing.get("a")).rejects.toMatchObject({ code: "store-unavailable", message: expect.stringContaining("there is no such bucket") });
    });
  });
});
