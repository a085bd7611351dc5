import { afterEach, describe, expect, it, vi } from "vitest";
import { StoreUnavailable } from "../../shared/store/errors.ts";
import { openLease, type ProcessIdentity } from "../../shared/store/lease.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";

function setUp() {
  const store = createMemoryStore();
  const clock = { now: 1000 };
  const open = (holder: string) => openLease(store, { cluster: "c", holder, duration: 60_000, now: () => clock.now });
  return { store, clock, open };
}

describe("lease", () => {
  it("refuses who looked before several others wrote, whose records are gone", async () => {
    const { open } = setUp();
    const stale = await open("a");
    for (const holder of ["b", "c", "d"]) {
      const other = await open(holder);
      await other.acquire();
      await other.release();
    }
    await expect(stale.acquire()).rejects.toMatchObject({ code: "lease-lost" });
    await stale.release();
    expect(await (await open("e")).acquire()).toBe(4);
  });

  it("counts its time from the first write: loading may take long", async () => {
    const { clock, open } = setUp();
    const slow = await open("a");
    clock.now += 600_000;
    expect(await slow.acquire()).toBe(1);
    await expect(open("b")).rejects.toMatchObject({ code: "lease-held", until: 661_000 });
  });
});

describe("the fence of what is written without a lease too", () => {
  it("is the last number that was seen, and the own one as soon as it is taken", async () => {
    const { clock, open } = setUp();
    const first = await open("a");
    expect(await first.fence()).toBe(0);
    await first.acquire();
    expect(await first.fence()).toBe(1);
    await first.release();
    const second = await open("b");
    expect(await second.fence()).toBe(1);
    await second.acquire();
    expect(await second.fence()).toBe(2);
    clock.now += 60_000;
    await expect(second.fence()).rejects.toMatchObject({ code: "lease-lost" });
  });

  it("is the last number that was seen, where another pass was faster", async () => {
    const { open } = setUp();
    const [slow, fast] = [await open("a"), await open("b")];
    await fast.acquire();
    await expect(slow.acquire()).rejects.toMatchObject({ code: "lease-lost" });
    expect(await slow.fence()).toBe(0);
  });
});

describe("a lease after one that was not released", () => {
  it("tells so", async () => {
    const { clock, open, store } = setUp();
    const first = await open("a");
    await first.acquire();
    clock.now += 60_000;
    const second = await open("b");
    await second.acquire();
    await second.release();
    const third = await open("c");
    expect([first, second, third].map(({ followsUnended }) => followsUnended)).toEqual([false, true, false]);
    await store.put("clusters/c/lease/2.json", Buffer.from("{"));
    expect((await open("d")).followsUnended).toBe(true);
  });
});

describe("a lease of a process that has died", () => {
  const alive = new Set(["p1", "p2", "p3"]);
  const identity = (own: string): ProcessIdentity => ({ own, isDead: async (other) => !alive.has(other) });
  const open = (store: ObjectStore, own: string) => openLease(store, { cluster: "c", holder: own, duration: 60_000, now: () => 1000, process: identity(own) });

  it("holds nobody up, and nobody takes it twice", async () => {
    const store = createMemoryStore();
    const dead = await open(store, "p0");
    await dead.acquire();
    const [one, other] = [await open(store, "p1"), await open(store, "p2")];
    expect(await one.acquire()).toBe(2);
    await expect(other.acquire()).rejects.toMatchObject({ code: "lease-lost" });
    await expect(open(store, "p3")).rejects.toMatchObject({ code: "lease-held" });
    await one.release();
    expect((await store.list("")).map(({ key }) => key)).toEqual(["clusters/c/lease/2.json"]);
  });

  it("is respected where its process lives, or where nobody can know", async () => {
    for (const [holder, looker] of [["p1", identity("p2")], ["p0", undefined], [undefined, identity("p2")]] as const) {
      const store = createMemoryStore();
      const options = { cluster: "c", duration: 60_000, now: () => 1000 };
      await (await openLease(store, { ...options, holder: "a", process: holder === undefined ? undefined : identity(holder) })).acquire();
      await expect(openLease(store, { ...options, holder: "b", process: looker })).rejects.toMatchObject({ code: "lease-held" });
    }
  });

  it("cannot be renewed or released by it any more", async () => {
    const store = createMemoryStore();
    const mistaken = await open(store, "p0");
    await mistaken.acquire();
    await (await open(store, "p1")).acquire();
    await expect(mistaken.release()).rejects.toMatchObject({ code: "lease-lost" });
  });
});

const openShort = (store: ObjectStore) => openLease(store, { cluster: "c", holder: "a", duration: 15_000, now: Date.now });

async function record(store: ObjectStore, number: number): Promise<{ deadline: number; released: boolean }> {
  const found = await store.get(`clusters/c/lease/${number}.json`);
  return JSON.parse(found.status === "found" ? Buffer.from(found.body).toString() : "{}");
}

describe("renewal", () => {
  afterEach(() => void vi.useRealTimers());

  it("keeps a lease for as long as its pass runs", async () => {
    vi.useFakeTimers({ now: 0 });
    const store = createMemoryStore();
    const lease = await openShort(store);
    await lease.acquire();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(await record(store, 1)).toMatchObject({ deadline: 112_500, released: false });
    await expect(openShort(store)).rejects.toMatchObject({ code: "lease-held" });
    expect(await lease.acquire()).toBe(1);
    await lease.release();
    expect(await record(store, 1)).toMatchObject({ released: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends for a pass that never does", async () => {
    vi.useFakeTimers({ now: 0 });
    const store = createMemoryStore();
    const lease = await openShort(store);
    await lease.acquire();
    await vi.advanceTimersByTimeAsync(640_000);
    await expect(lease.acquire()).rejects.toMatchObject({ code: "lease-lost" });
    expect(await (await openShort(store)).acquire()).toBe(2);
  });

  it("is tried again where the store fails, and is too late after the deadline", async () => {
    vi.useFakeTimers({ now: 0 });
    const store = createMemoryStore();
    const failing = { is: false };
    const flaky: ObjectStore = {
      ...store,
      put: (...args) => (failing.is ? Promise.reject(new StoreUnavailable("no connection", { retryable: true, cause: undefined })) : store.put(...args)),
    };
    const lease = await openShort(flaky);
    await lease.acquire();
    failing.is = true;
    await vi.advanceTimersByTimeAsync(11_000);
    failing.is = false;
    expect(await lease.acquire()).toBe(1);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(await record(store, 1)).toMatchObject({ deadline: 33_750 });

    failing.is = true;
    await vi.advanceTimersByTimeAsync(16_000);
    failing.is = false;
    await vi.advanceTimersByTimeAsync(16_000);
    await expect(lease.acquire()).rejects.toMatchObject({ code: "lease-lost" });
  });

  it("of one that was stopped meets who has taken over, whatever its clock says", async () => {
    vi.useFakeTimers({ now: 0 });
    const store = createMemoryStore();
    const clock = { behind: 0 };
    const stopped = await openLease(store, { cluster: "c", holder: "a", duration: 15_000, now: () => Date.now() - clock.behind });
    await stopped.acquire();
    // As if its timers stood still, and its clock with them.
    vi.setSystemTime(16_000);
    clock.behind = 16_000;
    expect(await (await openShort(store)).acquire()).toBe(2);
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(stopped.acquire()).rejects.toMatchObject({ code: "lease-lost", message: expect.stringContaining("taken over") });
  });
});
