import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";

/** A store in memory that notes the key of every put and delete. */
export function createCountingStore(): { readonly store: ObjectStore; readonly written: string[] } {
  const memory = createMemoryStore();
  const written: string[] = [];
  const store: ObjectStore = {
    ...memory,
    put(key, ...rest) {
      written.push(key);
      return memory.put(key, ...rest);
    },
    delete(key, ...rest) {
      written.push(key);
      return memory.delete(key, ...rest);
    },
  };
  return { store, written };
}
