import { existsSync } from "node:fs";
import { type KeyRing, newKey } from "../../shared/access/key-ring.ts";
import { CommandFailure } from "./fail.ts";
import { fingerprint, writeKeyFile } from "./token-file.ts";
import { readTokenKeys } from "./token-keys.ts";

/**
 * Gives a key file a new current key, and makes the one before it the previous; a file that is not there gets its first key.
 * @returns what to do next, without secrets
 * @throws {CommandFailure} naming the setting
 */
export async function rotateKeys(path: string): Promise<string> {
  if (!existsSync(path)) {
    if (!isPath(path)) throw new CommandFailure(NEEDS_FILE);
    const ring = { current: newKey() };
    await writeKeyFile(path, ring);
    return `${path}: written, with one key (${shown(ring)}). Give it to every process of stunner-serverless as --token-keys.\n`;
  }
  const { current, previous } = await readTokenKeys(path);
  if (previous) throw new CommandFailure(`--token-keys=${path}: two keys are valid already: end that rotation with --finish first`, 1);
  const ring = { current: newKey(), previous: current };
  await writeKeyFile(path, ring);
  return `${path}: written (${shown(ring)}). Tokens of both keys are valid now.
1. Bring the file to every process that verifies tokens; one that follows it has it within seconds.
2. Wait for the pass that follows by itself and puts tokens of the new key into the Secrets of each cluster, and two minutes
   more: so long a kubelet may take to bring them to the pods. No pod restarts.
3. Give whoever has a token of "token mint" a new one: event senders and operators.
4. End the rotation: stunner-serverless token rotate --token-keys=${path} --finish
`;
}

/** Drops the previous key. @returns what has changed, without secrets @throws {CommandFailure} naming the setting */
export async function finishRotation(path: string): Promise<string> {
  if (!existsSync(path)) throw new CommandFailure(NEEDS_FILE);
  const { current, previous } = await readTokenKeys(path);
  if (!previous) throw new CommandFailure(`--token-keys=${path}: there is only one key: no rotation is to be finished`, 1);
  const ring = { current };
  await writeKeyFile(path, ring);
  return `${path}: written (${shown(ring)}). Tokens of the previous key (${fingerprint(previous)}) open nothing any more.\n`;
}

const NEEDS_FILE = "--token-keys: rotate writes a file: give the path of one, in a directory that exists";

/** What holds keys itself must not become the name of a file. */
function isPath(setting: string): boolean {
  return /^(\.{0,2}\/)/.test(setting) || /^[\w-]+(\.[\w-]+)+$/.test(setting);
}

function shown({ current, previous }: KeyRing): string {
  return previous ? `current ${fingerprint(current)}, previous ${fingerprint(previous)}` : `current ${fingerprint(current)}`;
}
