import { afterEach, beforeEach, describe } from "vitest";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { readsAndWrites } from "./store-contract-bodies.ts";
import { changes } from "./store-contract-changes.ts";
import { conditions } from "./store-contract-conditions.ts";
import { deleteConditions } from "./store-contract-delete.ts";
import { keys, listing } from "./store-contract-keys.ts";

/** What a driver's test gives the contract: an empty store, and how to be rid of it. */
export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** Another instance on the same objects, as another process would have it; absent where there is no such thing. */
  readonly another?: ObjectStore;
  /** How another process opens it, and what its environment needs; absent where none can. */
  readonly url?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/** What a service, or the server that stands for it in tests, does otherwise. */
export interface StoreLimits {
  /** Milliseconds that its times are rounded down to; by default 1. */
  readonly timeStep?: number;
  /** What it makes of the condition of a delete: `present` leaves one of an absent object out of account, `none` every one. */
  readonly deleteConditions?: "all" | "present" | "none";
}

/** What every driver of the object store does (DESIGN.md 4.2); each driver's test calls it. */
export function storeContract(driver: string, open: () => Promise<StoreUnderTest>, limits: StoreLimits = {}): void {
  describe(`object store ${driver}`, () => {
    let store: ObjectStore;
    let another: ObjectStore;
    let close: () => Promise<void>;
    beforeEach(async () => {
      const opened = await open();
      ({ store, close } = opened);
      another = opened.another ?? store;
    });
    afterEach(() => close());

    readsAndWrites(() => store);
    conditions(() => ({ store, another }));
    deleteConditions(() => ({ store, another }), limits.deleteConditions ?? "all");
    listing(() => store, limits.timeStep ?? 1);
    keys(() => store);
    changes(() => store);
  });
}
