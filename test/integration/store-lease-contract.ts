import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publish } from "../../shared/cds/publish.ts";
import { openLease } from "../../shared/store/lease.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { indexOf, publication } from "./publish-support.ts";
import { names, range } from "./store-bodies.ts";
import type { StoreUnderTest } from "./store-contract.ts";
import { leasesOfProcesses } from "./store-lease-processes.ts";

const MINUTE = 60_000;

/**
 * What leases and their fencing numbers hold on every store (DESIGN.md 2, 4.2).
 * @param isShared whether other processes can open it
 */
export function leaseContract(driver: string, open: () => Promise<StoreUnderTest>, isShared = true): void {
  describe(`leases on ${driver}`, () => {
    let opened: StoreUnderTest;
    let store: ObjectStore;
    let clock: { now: number };
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
      clock = { now: 1000 };
    });
    afterEach(() => opened.close());

    /** @param skew milliseconds by which the holder's clock is ahead */
    const lease = (holder: string, skew = 0) =>
      openLease(holder < "m" ? store : (opened.another ?? store), { cluster: "c", holder, duration: MINUTE, now: () => clock.now + skew });

    test("passes that write are numbered, one after the other, and one record stays", async () => {
      for (const number of [1, 2, 3]) {
        const one = await lease(number === 2 ? "z" : "a");
        expect(await Promise.all([one.acquire(), one.acquire()])).toEqual([number, number]);
        await one.release();
      }
      await expect(names(store, "")).resolves.toEqual(["clusters/c/lease/3.json"]);
    });

    test("a pass that writes nothing leaves nothing", async () => {
      await (await lease("a")).release();
      await expect(names(store, "")).resolves.toEqual([]);
    });

    test("of ten that begin together one writes, five times in a row", async () => {
      for (const round of range(5)) {
        const all = await Promise.all(range(10).map((index) => lease(index % 2 === 0 ? `a${index}` : `z${index}`)));
        const results = await Promise.allSettled(all.map((one) => one.acquire()));
        expect(results.filter(({ status }) => status === "fulfilled")).toMatchObject([{ value: round + 1 }]);
        const losses = results.flatMap((result) => (result.status === "rejected" ? [(result.reason as { code: string }).code] : []));
        expect(losses).toEqual(range(9).map(() => "lease-lost"));
        await Promise.allSettled(all.map((one) => one.release()));
      }
    });

    test("who looked before others wrote is refused, though their records are gone", async () => {
      const stale = await lease("a");
      for (const holder of ["b", "z", "d"]) {
        const other = await lease(holder);
        await other.acquire();
        await other.release();
      }
      await expect(stale.acquire()).rejects.toMatchObject({ code: "lease-lost" });
    });

    test("a holder that has gone without a word holds others up until its deadline", async () => {
      await (await lease("a")).acquire();
      await expect(lease("z")).rejects.toMatchObject({ code: "lease-held", until: 1000 + MINUTE, retryable: true });
      clock.now += MINUTE;
      expect(await (await lease("z")).acquire()).toBe(2);
    });

    test("a holder that was paused starts no write after its deadline", async () => {
      const paused = await lease("a");
      await paused.acquire();
      clock.now += MINUTE;
      await expect(paused.acquire()).rejects.toMatchObject({ code: "lease-lost" });
    });

    test("a clock that is ahead takes over early: the slow holder publishes and releases nothing any more", async () => {
      const slow = await lease("a");
      expect(await slow.acquire()).toBe(1);
      const fast = await lease("z", 2 * MINUTE);
      expect(await fast.acquire()).toBe(2);
      await publish(store, publication({ "ns/a": "fast" }, { fence: async () => fast.acquire() }));
      // By its own clock it holds the lease still.
      expect(await slow.acquire()).toBe(1);
      await expect(publish(store, publication({ "ns/a": "slow" }, { fence: async () => slow.acquire() }))).rejects.toMatchObject({ code: "stale-fence" });
      await expect(slow.release()).rejects.toMatchObject({ code: "lease-lost" });
      await expect(indexOf(store)).resolves.toMatchObject({ fence: 2 });
      await fast.release();
      await expect(names(store, "clusters/c/lease/")).resolves.toEqual(["clusters/c/lease/2.json"]);
    });

    test("a clock that is behind waits longer, and takes nothing away", async () => {
      const holder = await lease("a");
      await holder.acquire();
      await expect(lease("z", -10 * MINUTE)).rejects.toMatchObject({ code: "lease-held" });
      clock.now += MINUTE;
      await expect(lease("z", -10 * MINUTE)).rejects.toMatchObject({ code: "lease-held" });
      clock.now += 10 * MINUTE;
      expect(await (await lease("z", -10 * MINUTE)).acquire()).toBe(2);
    });

    test("a record that cannot be read keeps its number", async () => {
      await store.put("clusters/c/lease/7.json", Buffer.from("{"));
      expect(await (await lease("a")).acquire()).toBe(8);
    });

    if (isShared) leasesOfProcesses(() => opened);
  });
}
