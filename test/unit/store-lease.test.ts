import { describe, expect, it } from "vitest";
import { openLease } from "../../shared/store/lease.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";

function setUp() {
  const store = createMemoryStore();
  const clock = { now: 1000 };
  const open = (holder: string) => openLease(store, { cluster: "c", holder, duration: 60_000, now: () => clock.now });
  return { store, clock, open };
}

describe("lease", () => {
  it("numbers passes that write, one after the other", async () => {
    const { open } = setUp();
    const first = await open("a");
    expect(await Promise.all([first.acquire(), first.acquire()])).toEqual([1, 1]);
    expect(await first.acquire()).toBe(1);
    await first.release();
    const second = await open("b");
    expect(await second.acquire()).toBe(2);
  });

  it("writes nothing for a pass that writes nothing", async () => {
    const { store, open } = setUp();
    const lease = await open("a");
    await lease.release();
    expect(await store.list("")).toEqual([]);
  });

  it("holds up whoever comes while it is held, until the deadline", async () => {
    const { clock, open } = setUp();
    await (await open("a")).acquire();
    await expect(open("b")).rejects.toMatchObject({ code: "lease-held", until: 61_000, retryable: true });
    clock.now = 61_000;
    expect(await (await open("b")).acquire()).toBe(2);
  });

  it("refuses who looked before another wrote", async () => {
    const { open } = setUp();
    const stale = await open("a");
    const other = await open("b");
    await other.acquire();
    await other.release();
    await expect(stale.acquire()).rejects.toMatchObject({ code: "lease-lost" });
  });

  it("lets a paused holder start no write after its deadline", async () => {
    const { clock, open } = setUp();
    const paused = await open("a");
    await paused.acquire();
    clock.now = 61_000;
    expect(() => paused.check()).toThrow(/took longer/);
    await expect(paused.acquire()).rejects.toMatchObject({ code: "lease-lost" });
  });

  it("goes on after a record that cannot be read", async () => {
    const { store, open } = setUp();
    await store.put("clusters/c/lease/7.json", Buffer.from("{"));
    expect(await (await open("a")).acquire()).toBe(8);
  });

  it("keeps one record", async () => {
    const { store, open } = setUp();
    for (let pass = 0; pass < 3; pass++) {
      const lease = await open("a");
      await lease.acquire();
      await lease.release();
    }
    expect((await store.list("")).map(({ key }) => key)).toEqual(["clusters/c/lease/3.json"]);
  });
});
