import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DesiredObject } from "../../render/result.ts";
import { removeFile, replaceFile } from "./write-file.ts";

/** Below the directory, hidden, so that no loader takes it for manifests. */
const FOLDER = ".applied";

/** What we applied last to each object, as an API server keeps it in managedFields: it tells what is ours to remove. */
export interface AppliedRecords {
  /** Undefined where it is not known. */
  read(path: string): Promise<DesiredObject | undefined>;
  write(path: string, object: DesiredObject): Promise<void>;
  remove(path: string): Promise<void>;
}

/** @param root the directory that the objects are written to; paths are relative to it */
export function createAppliedRecords(root: string): AppliedRecords {
  const folder = join(root, FOLDER);
  const known = new Map<string, DesiredObject | undefined>();
  const fileOf = (path: string): string => join(folder, path.replace(/\.yaml$/, ".json"));

  return {
    async read(path) {
      if (!known.has(path)) known.set(path, await load(fileOf(path)));
      return known.get(path);
    },
    async write(path, object) {
      await replaceFile(fileOf(path), JSON.stringify(object));
      known.set(path, object);
    },
    async remove(path) {
      await removeFile(folder, fileOf(path));
      known.delete(path);
    },
  };
}

/** A record that is gone or damaged is not known: then nothing is removed. */
async function load(file: string): Promise<DesiredObject | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as DesiredObject;
  } catch {
    return undefined;
  }
}
