import { readFile } from "node:fs/promises";
import type { Settings } from "../../shared/settings.ts";
import { CommandFailure, reasonOf } from "./fail.ts";

/** A key that can be guessed is none. */
const SHORTEST = 16;

/**
 * The settings with the API keys of the file among the others.
 * @throws {CommandFailure} naming the setting, never a key
 */
export async function withApiKeys(settings: Settings): Promise<Settings> {
  const { apiKeys, apiKeysFile: file } = settings;
  const inFile = file === "" ? [] : await readKeys(file);
  if (apiKeys.some(isShort)) throw new CommandFailure(`STUNNER_API_KEYS: ${TOO_SHORT}`);
  if (inFile.some(isShort)) throw new CommandFailure(`--api-keys-file=${file}: ${TOO_SHORT}`);
  if (file !== "" && inFile.length === 0) throw new CommandFailure(`--api-keys-file=${file}: there is no key in it`);
  return { ...settings, apiKeys: [...new Set([...apiKeys, ...inFile])] };
}

const TOO_SHORT = `a key has ${SHORTEST} characters and more; openssl rand -hex 32 makes one`;

const isShort = (key: string): boolean => key.length < SHORTEST;

async function readKeys(file: string): Promise<string[]> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new CommandFailure(`--api-keys-file=${file}: ${reasonOf(error)}`, 2, error);
  });
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}
