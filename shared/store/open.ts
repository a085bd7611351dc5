import { fileURLToPath } from "node:url";
import { InvalidStoreUrl } from "./errors.ts";
import { createFileStore } from "./file.ts";
import { createGsStore } from "./gs.ts";
import { parseGsUrl } from "./gs-location.ts";
import { createMemoryStore } from "./memory.ts";
import type { ObjectStore } from "./object-store.ts";
import { createS3Store } from "./s3.ts";
import { parseS3Url } from "./s3-location.ts";

const ACCEPTED = "accepted are memory:, file:///absolute/directory, s3://bucket/prefix and gs://bucket/prefix";

/** Drivers by URL scheme. */
const DRIVERS: ReadonlyMap<string, (url: string) => ObjectStore> = new Map([
  ["memory:", openMemory],
  ["file:", openFile],
  ["s3:", (url) => createS3Store(parseS3Url(url))],
  ["gs:", (url) => createGsStore(parseGsUrl(url))],
]);

/**
 * Opens the store that a URL names (DESIGN.md 4.2). Touches nothing yet: a directory is made at the first write.
 * @param url `memory:` (empty, of its own at every call), `file:///absolute/directory`, or a bucket: see parseS3Url and parseGsUrl
 * @throws {InvalidStoreUrl}
 * @example const store = openStore("file:///var/lib/stunner");
 */
export function openStore(url: string): ObjectStore {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) throw new InvalidStoreUrl(`the store URL is not a URL; ${ACCEPTED}`);
  const open = DRIVERS.get(parsed.protocol);
  if (open !== undefined) return open(url);
  // Only the scheme is repeated: the rest may hold credentials.
  throw new InvalidStoreUrl(`store scheme ${parsed.protocol} is not known; ${ACCEPTED}`);
}

function openMemory(url: string): ObjectStore {
  if (!/^memory:$/i.test(url)) throw new InvalidStoreUrl("a store in memory has the URL memory: and nothing else");
  return createMemoryStore();
}

function openFile(url: string): ObjectStore {
  // As text: a URL parser reads file:dir and file:/dir as file:///dir, which is not what was meant by the former.
  if (!/^file:\/\/\/[^/]/i.test(url)) throw new InvalidStoreUrl(`a file: store URL needs an absolute directory; ${ACCEPTED}`);
  if (/[?#]/.test(url)) throw new InvalidStoreUrl(`a file: store URL takes no parameters; ${ACCEPTED}`);
  try {
    return createFileStore(fileURLToPath(url));
  } catch (error) {
    throw new InvalidStoreUrl(`the file: store URL is not a usable path; ${ACCEPTED}`, error);
  }
}
