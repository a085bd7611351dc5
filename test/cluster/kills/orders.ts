import { existsSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Order } from "./at-write.ts";

/** The environment of a process that is to take orders about the writes to its file store. @param url of the store */
export function takingOrders(url: string): Record<string, string> {
  return { STORE: fileURLToPath(url), NODE_OPTIONS: `--import=${new URL("at-write.ts", import.meta.url).href}` };
}

/** Gives one to whoever writes to that store; undefined: none any more. */
export async function give(url: string, order: Order | undefined): Promise<void> {
  const path = `${fileURLToPath(url)}.order`;
  if (order) await writeFile(path, JSON.stringify(order));
  else await rm(path, { force: true });
}

/** The writes so far of those who take orders: `put clusters/test/index.json`. */
export function noted(url: string): string[] {
  const path = `${fileURLToPath(url)}.notes`;
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}
