import { type Access, createAccess } from "../access/access.ts";
import { type KeyRing, parseKeyRing } from "../access/key-ring.ts";
import { createSecret } from "../secrets/secret.ts";
import { SettingsError } from "../settings/settings-error.ts";
import type { Cloud } from "./cloud.ts";

/** The keys that tokens are derived from. */
export interface Keys {
  /**
   * Who may do what, by the keys of this moment.
   * @throws {CloudError} they have never been read @throws {InvalidKeys}
   */
  access(): Promise<Access>;
  /** A token was refused: they may have been rotated. */
  doubt(): void;
}

const SECRET = "STUNNER_TOKEN_KEYS_SECRET";

/**
 * Keys of a secret, or of the environment itself. Functions are open to the world: there are none without.
 * @param inline STUNNER_TOKEN_KEYS
 * @throws {SettingsError} there are no keys
 */
export function openKeys({ env, readSecret }: Cloud, inline: string, now: () => number): Keys {
  const id = env[SECRET] ?? "";
  if (id === "" && inline === "") throw new SettingsError([{ setting: SECRET, value: "", accepted: "name the secret that holds the keys of tokens" }]);
  const secret = createSecret(id === "" ? async () => inline : () => readSecret(id), { now });
  let ring: KeyRing | undefined;
  let text: string | undefined;
  const current = (): KeyRing => ring ?? parseKeyRing(inline);
  const access = createAccess(current);
  return {
    async access() {
      const read = await secret.read();
      if (read !== text) ring = parseKeyRing(read);
      text = read;
      return access;
    },
    doubt: secret.doubt,
  };
}
