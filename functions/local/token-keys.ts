import { existsSync } from "node:fs";
import { type Access, createAccess, type TokenGateway } from "../../shared/access/access.ts";
import { InvalidKeys, type KeyRing, parseKeyRing } from "../../shared/access/key-ring.ts";
import { CommandFailure } from "./fail.ts";
import { followFiles, readNamed } from "./follow-files.ts";
import type { Logger } from "./log.ts";

export interface OpenKeys {
  readonly access: Access;
  /** Calls back after every change of the keys. */
  onChange(listener: () => void): void;
  close(): void;
}

/**
 * The keys of the setting: of a file that is read again whenever it changes, or the keys themselves. A file that cannot be used
 * any more leaves the keys as they were.
 * @returns undefined where the setting is empty
 * @throws {CommandFailure} never with a key
 */
export async function openTokenKeys(setting: string, log: Pick<Logger, "info" | "warn">, periodMs?: number): Promise<OpenKeys | undefined> {
  if (setting === "") return undefined;
  const { ring: first, text } = await read(setting);
  let ring = first;
  const access = createAccess(() => ring);
  if (text === undefined) return { access, onChange: () => undefined, close: () => undefined };
  const listeners: (() => void)[] = [];
  const close = followFiles([setting], {
    first: [text],
    onChange([contents]) {
      try {
        ring = parseKeyRing(String(contents));
        log.info(`${SETTING}: the keys have changed: ${ring.previous ? "two are" : "one is"} valid now`);
        for (const listener of listeners) listener();
      } catch (error) {
        log.warn(`${SETTING}: the keys stay as they were: ${error instanceof InvalidKeys ? error.message : "they cannot be used"}`);
      }
    },
    onError: (reason) => log.warn(`${SETTING}: the keys stay as they were: ${reason}`),
    ...(periodMs === undefined ? {} : { periodMs }),
  });
  return { access, onChange: (listener) => void listeners.push(listener), close };
}

/** The keys of the setting as they are now. @throws {CommandFailure} never with a key */
export async function readTokenKeys(setting: string): Promise<KeyRing> {
  return (await read(setting)).ring;
}

/** What makes the tokens of Gateways, for a process that ends soon; undefined where there are no keys. @throws {CommandFailure} never with a key */
export async function gatewayTokens({ tokenKeys, cluster }: { tokenKeys: string; cluster: string }): Promise<((gateway: TokenGateway) => string) | undefined> {
  if (tokenKeys === "") return undefined;
  const ring = await readTokenKeys(tokenKeys);
  const access = createAccess(() => ring);
  return (gateway) => access.configToken(cluster, gateway);
}

const SETTING = "--token-keys";

/** The text is that of the file; absent: the setting itself holds the keys. */
async function read(setting: string): Promise<{ readonly ring: KeyRing; readonly text?: Buffer }> {
  // A path can look like base64, and what is no file may be a key: neither is repeated.
  if (!existsSync(setting)) return { ring: parse(setting, "it names no file, and as keys in base64") };
  const text = await readNamed(SETTING, setting);
  return { ring: parse(String(text), "its file"), text };
}

function parse(text: string, of: string): KeyRing {
  try {
    return parseKeyRing(text);
  } catch (error) {
    if (error instanceof InvalidKeys) throw new CommandFailure(`${SETTING}: ${of} cannot be used: ${error.message}`, 2);
    throw error;
  }
}
