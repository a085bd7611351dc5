import { createMemoryStore } from "../../shared/store/memory.ts";
import { storeContract } from "./store-contract.ts";

storeContract("memory", async () => ({ store: createMemoryStore(), close: async () => undefined }));
