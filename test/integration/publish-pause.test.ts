import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publish } from "../../shared/cds/publish.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { createGsStore } from "../../shared/store/gs.ts";
import { parseGsUrl } from "../../shared/store/gs-location.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { type CloudServer, withServer } from "../clouds/server.ts";
import { makeGcsBucket, startGcs } from "../support/gcs.ts";
import { indexOf, publication, recording } from "./publish-support.ts";

/** A clock that only waiting moves. */
function clock(): { now: () => number; wait: (milliseconds: number) => Promise<void>; waits: number[] } {
  const waits: number[] = [];
  let time = 10_000;
  return {
    waits,
    now: () => time,
    async wait(milliseconds) {
      waits.push(milliseconds);
      time += milliseconds;
    },
  };
}

const INDEX = "clusters/c/index.json";

/** Five publications at once: when the index was written, by its own word, and what was waited for. */
async function burst(store: ObjectStore): Promise<{ moved: boolean[]; times: number[]; waits: number[] }> {
  const { now, wait, waits } = clock();
  const times: number[] = [];
  const moves: boolean[] = [];
  for (let one = 1; one <= 5; one += 1) {
    const { moved } = await publish(store, publication({ "ns/a": `realm ${one}` }, { fence: one, now, wait }));
    moves.push(moved);
    times.push((await indexOf(store)).renderedAt);
  }
  return { moved: moves, times, waits };
}

const ONCE_A_SECOND = { moved: Array(5).fill(true), times: [10_000, 11_000, 12_000, 13_000, 14_000], waits: Array(4).fill(1_000) };

function slow(): ObjectStore {
  return { ...createMemoryStore(), writePause: 1_000 };
}

describe("a store that takes a write of an object now and then", () => {
  it("gets an index once a second", async () => {
    expect(await burst(slow())).toEqual(ONCE_A_SECOND);
  });

  it("is not waited for after a pause, or where nothing moves", async () => {
    const store = slow();
    const { now, wait, waits } = clock();
    await publish(store, publication({ "ns/a": "one" }, { now, wait }));
    await publish(store, publication({ "ns/a": "one" }, { now, wait }));
    await wait(1_000);
    await publish(store, publication({ "ns/a": "two" }, { now, wait }));
    expect(waits).toEqual([1_000]);
  });

  it("is not waited for longer, whatever the clock of another publisher said", async () => {
    const store = slow();
    const { now, wait, waits } = clock();
    await publish(store, publication({ "ns/a": "one" }, { now: () => now() + 3_600_000, wait }));
    await publish(store, publication({ "ns/a": "two" }, { now, wait }));
    expect(waits).toEqual([1_000]);
    expect((await indexOf(store)).configs["ns/a"]).toBeDefined();
  });

  it("keeps what is held as somebody else has published it while one waited", async () => {
    const inner = slow();
    const { now, wait } = clock();
    await publish(inner, publication({ "ns/a": "one", "ns/b": "one" }, { fence: 1, now, wait }));
    const store = { ...recording(inner), writePause: 1_000 };
    // A pass with the same number of the lease, since fences are not what this is about.
    const other = async (milliseconds: number): Promise<void> => {
      await wait(milliseconds);
      await publish(inner, publication({ "ns/a": "one", "ns/b": "two" }, { fence: 1, now, wait }));
    };
    await publish(store, publication({ "ns/a": "two" }, { fence: 1, now, wait: other, held: new Set(["ns/b"]) }));
    const { configs } = await indexOf(inner);
    const two = (await indexOf(await published({ "ns/b": "two" }))).configs["ns/b"];
    expect(configs["ns/b"]?.digest).toBe(two?.digest);
    expect(store.calls.filter((call) => call === `put ${INDEX}`).length).toBe(1);
  });
});

async function published(realms: Record<string, string>): Promise<ObjectStore> {
  const store = createMemoryStore();
  await publish(store, publication(realms));
  return store;
}

withServer("fake-gcs-server", () => {
  describe("Cloud Storage", () => {
    let server: CloudServer;
    beforeAll(async () => {
      server = await startGcs();
      await makeGcsBucket(server, "pause");
    });
    afterAll(() => server.stop());

    it("gets an index once a second", async () => {
      expect(await burst(createGsStore(parseGsUrl(`gs://pause/x?endpoint=${server.origin}`)))).toEqual(ONCE_A_SECOND);
    });
  });
});
