import { open, realpath, rename, stat, unlink } from "node:fs/promises";
import { createHash, randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import type { KeyObject } from "node:crypto";
import { formatKeyRing, type KeyRing } from "../../shared/access/key-ring.ts";
import { CommandFailure, reasonOf } from "./fail.ts";

/** Only its owner may read it, unless the file that is replaced said otherwise. */
const MODE = 0o600;

/**
 * Replaces a key file as a whole: who reads it sees the old keys or the new ones.
 * @throws {CommandFailure} naming the setting
 */
export async function writeKeyFile(path: string, ring: KeyRing): Promise<void> {
  // Through a link, so that it stays one.
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then((info) => info.mode & 0o777, () => MODE);
  const temporary = join(dirname(target), `.${randomBytes(9).toString("hex")}.tmp`);
  try {
    const file = await open(temporary, "wx", mode);
    await file.writeFile(formatKeyRing(ring)).then(() => file.sync()).finally(() => file.close());
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw new CommandFailure(`--token-keys=${path}: cannot be written: ${reasonOf(error)}`, 2, error);
  }
}

/** Tells keys apart without saying anything of them. */
export function fingerprint(key: KeyObject): string {
  return createHash("sha256").update("fingerprint of a token key\0").update(key.export()).digest("hex").slice(0, 8);
}
