import { createHmac } from "node:crypto";

/** Who may use a dataplane, as its configuration says (spec/stunnerd.md 5). Secrets. */
export type TurnAuth =
  | { readonly type: "static"; readonly username: string; readonly password: string }
  | { readonly type: "ephemeral"; readonly secret: string }
  | { readonly type: "none" };

export interface TurnCredentials {
  readonly username: string;
  readonly password: string;
}

/** Seconds that credentials last where nobody says how long (spec/stunnerd.md 14.1). */
export const DEFAULT_TTL = 86_400;

/**
 * What a client logs in with. Static ones never expire, and of `none` both parts are empty (spec/stunnerd.md 14.2).
 * @param ttl seconds; 0 and less give credentials that have expired
 * @param now milliseconds since the epoch
 */
export function turnCredentials(
  auth: TurnAuth,
  { userId, ttl, now }: { readonly userId: string; readonly ttl: number; readonly now: number },
): TurnCredentials {
  if (auth.type === "static") return { username: auth.username, password: auth.password };
  if (auth.type === "none") return { username: "", password: "" };
  return ephemeralCredentials(auth.secret, { userId, expiry: Math.floor(now / 1000) + ttl });
}

/**
 * Credentials of the TURN REST API (draft-uberti-behave-turn-rest-00, 2.2; spec/stunnerd.md 5.2): a name that says until
 * when it is good, signed with the secret that TURN server and application share.
 * @param expiry seconds since the epoch
 * @example ephemeralCredentials("my-secret", { userId: "joe", expiry: 1795224448 }).password // "QA+FcWW6DCfc6g+YOa4JAP9VJys="
 */
export function ephemeralCredentials(
  secret: string,
  { userId = "", expiry }: { readonly userId?: string | undefined; readonly expiry: number },
): TurnCredentials {
  const username = `${expiry}:${userId}`;
  return { username, password: createHmac("sha1", secret).update(username).digest("base64") };
}
