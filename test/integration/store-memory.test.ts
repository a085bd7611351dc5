import { createMemoryStore } from "../../shared/store/memory.ts";
import { storeContract } from "./store-contract.ts";
import { leaseContract } from "./store-lease-contract.ts";

const open = async () => ({ store: createMemoryStore(), close: async () => undefined });
storeContract("memory", open);
leaseContract("memory", open, false);
