import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore } from "../../shared/store/file.ts";
import { storeContract } from "./store-contract.ts";

storeContract("file", async () => {
  const directory = await mkdtemp(join(tmpdir(), "store-"));
  const root = join(directory, "made-at-first-write");
  return {
    store: createFileStore(root),
    another: createFileStore(root),
    close: () => rm(directory, { recursive: true, force: true }),
  };
});
