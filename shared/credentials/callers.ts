import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isSameSecret } from "../access/equal.ts";

/** What is said of a token: `no-token` is answered 401, `denied` 403. */
export type Verdict = "granted" | "no-token" | "denied";

/** Judges the bearer token of a request for a cluster, known or not; undefined: there was none. */
export type Authorize = (token: string | undefined, cluster: string) => Verdict;

/** Who asks, for the rate limit, or why nobody may. The name is no secret. */
export type Caller = { readonly name: string } | { readonly refused: 401 | 403 };

/** What a caller shows for itself: an API key, or a token. */
export interface Shown {
  readonly headers: IncomingHttpHeaders;
  /** The query, which may hold an API key as `key` (draft-uberti-behave-turn-rest-00, 2.1), but no token. */
  readonly search: string;
}

/**
 * Finds out who asks. API keys stand in `Authorization: Bearer`, `X-API-Key` or the parameter `key`; all keys are compared
 * each time, so that the time tells nothing. Tokens stand in headers alone: that of an operator opens far more than
 * credentials, and proxies log URLs.
 * @param keys of the cluster; empty where it has none or is not known
 */
export function identify({ headers, search }: Shown, keys: readonly string[], cluster: string, authorize?: Authorize): Caller {
  const bearer = /^Bearer +([!-~]+) *$/i.exec(headers.authorization ?? "")?.[1];
  const header = [headers["x-api-key"]].flat()[0] || undefined;
  const key = header ?? (new URLSearchParams(search).get("key") || undefined);
  const given = [bearer, key].filter((one) => one !== undefined);
  const matches = given.flatMap((one) => keys.map((known) => (isSameSecret(one, known) ? known : undefined)));
  const known = matches.find((one) => one !== undefined);
  if (known !== undefined) return { name: `key ${fingerprint(known)}` };
  const token = bearer ?? header;
  const verdict = authorize?.(token, cluster) ?? "no-token";
  if (verdict === "granted") return { name: `token ${fingerprint(token ?? "")}` };
  return { refused: verdict === "denied" ? 403 : 401 };
}

/** Tells keys apart without being one. */
function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url").slice(0, 12);
}
