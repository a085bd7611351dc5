import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore } from "../../shared/store/file.ts";
import { storeContract, type StoreUnderTest } from "./store-contract.ts";
import { leaseContract } from "./store-lease-contract.ts";

async function open(): Promise<StoreUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), "store-"));
  const root = join(directory, "made-at-first-write");
  return {
    store: createFileStore(root),
    another: createFileStore(root),
    url: `file://${root}`,
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

storeContract("file", open);
leaseContract("file", open);
