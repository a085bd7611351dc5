import { hash } from "node:crypto";
import { appendFileSync, existsSync, promises, readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename, dirname, join, relative } from "node:path";

/**
 * Loaded before the program (`node --import`), whose file store is in the directory STORE: carries out the order that is in
 * the file STORE.order, as soon as there is one, and notes every write in STORE.notes.
 */
export type Order =
  /** As it is about to write that object, it is stopped, once. */
  | { readonly stop: string }
  /** It dies at a write: before the store has it, or right after. */
  | { readonly kill: string; readonly nth: number; readonly at: "before" | "after" };

const root = process.env["STORE"] ?? "";
const { open, rename, unlink } = promises;
const counts = new Map<string, number>();
let isStopped = false;

function order(): Order | undefined {
  return existsSync(`${root}.order`) ? (JSON.parse(readFileSync(`${root}.order`, "utf8")) as Order) : undefined;
}

async function write(verb: "put" | "delete", path: string, act: () => Promise<void>): Promise<void> {
  const key = relative(root, path);
  if (key.startsWith("..") || key.startsWith("#")) return act();
  const asked = `${verb} ${key}`;
  const told = order();
  const request = nameOf(asked);
  const nth = (counts.get(request) ?? 0) + 1;
  const dies = told && "kill" in told && told.kill === request && told.nth === nth ? told.at : undefined;
  if (dies === "before") process.kill(process.pid, "SIGKILL");
  // Fails where its directory is not there yet; then it comes again.
  await act();
  counts.set(request, nth);
  if (dies === "after") process.kill(process.pid, "SIGKILL");
  appendFileSync(`${root}.notes`, `${asked}\n`);
}

/** As `storeRequest` of faults/points.ts. */
function nameOf(asked: string): string {
  return asked.replace(/\/lease\/\d+/, "/lease/n").replace(/\/[0-9a-f]{16,}\.json/, "/digest.json");
}

/** A claim is what a write begins with that nobody has to wait for: whoever is stopped before it holds nobody up. */
function stopAtClaim(path: string): void {
  const told = order();
  if (isStopped || !told || !("stop" in told) || dirname(path) !== join(root, "#locks")) return;
  if (!basename(path).startsWith(`${hash("sha256", told.stop, "hex").slice(0, 32)}.`)) return;
  isStopped = true;
  process.kill(process.pid, "SIGSTOP");
}

promises.rename = (from, to) => write("put", String(to), () => rename(from, to));
promises.unlink = (path) => write("delete", String(path), () => unlink(path));
promises.open = async (path, ...rest) => {
  stopAtClaim(String(path));
  return open(path, ...rest);
};
syncBuiltinESMExports();
