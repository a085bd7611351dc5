import { expect, test } from "vitest";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { text } from "./store-bodies.ts";

export function changes(get: () => ObjectStore): void {
  test("onChange, where present, tells every write and delete of this instance and no other; of what was absent it may", async () => {
    const store = get();
    if (store.onChange === undefined) return;
    const told: string[] = [];
    const stop = store.onChange((key) => void (key === "absent" || told.push(key)));
    const { etag } = await store.put("a", text("one"));
    await store.put("b", text("one"));
    await store.put("a", text("two"), { ifNoneMatch: "*" }).catch(() => undefined);
    await store.put("a", text("two"), { ifMatch: etag });
    await store.delete("b");
    await store.delete("absent");
    await new Promise(setImmediate);
    expect(told).toEqual(["a", "b", "a", "b"]);
    stop();
    await store.put("c", text("one"));
    await new Promise(setImmediate);
    expect(told).toEqual(["a", "b", "a", "b"]);
  });
}
