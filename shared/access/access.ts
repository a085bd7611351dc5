import { isSameSecret } from "./equal.ts";
import { keysOf, type KeyRing } from "./key-ring.ts";
import { deriveToken, operatorScopes, statedPurpose, type TokenScope } from "./token.ts";

/** `no-token` is answered 401, `denied` 403. */
export type Verdict = "granted" | "no-token" | "denied";

/** A Gateway as tokens know it. */
export interface TokenGateway {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Who may do what, by the keys that are valid at the time of the call (DESIGN.md 4.3). */
export interface Access {
  /** The keys now; another object after every change. */
  keys(): KeyRing;
  /**
   * Whether a token opens one of these scopes. All that have its purpose are tried with all keys, so that the time does not
   * tell which one it was.
   * @param token undefined: none was given
   */
  check(token: string | undefined, scopes: readonly TokenScope[]): Verdict;
  /** Whether a token is that of an operator of this cluster. */
  operator(token: string | undefined, cluster: string): Verdict;
  /** What pods of a Gateway are given. */
  configToken(cluster: string, gateway: TokenGateway): string;
  /** What may stand in the event path of a cluster now, that of the current key first. */
  eventTokens(cluster: string): readonly string[];
}

/** @param keys called at every use, so that a rotation holds at once */
export function createAccess(keys: () => KeyRing): Access {
  return {
    keys,
    check: (token, scopes) => authorize(keys(), token, scopes),
    operator: (token, cluster) => authorize(keys(), token, operatorScopes(cluster)),
    configToken: (cluster, { namespace, name, uid }) => deriveToken(keys().current, { purpose: "config", cluster, namespace, name, uid }),
    eventTokens: (cluster) => keysOf(keys()).map((key) => deriveToken(key, { purpose: "events", cluster })),
  };
}

/**
 * Whether a token opens one of these scopes.
 * @param token undefined: none was given. What is not shaped as a token counts as none.
 */
export function authorize(ring: KeyRing, token: string | undefined, scopes: readonly TokenScope[]): Verdict {
  const purpose = token === undefined ? undefined : statedPurpose(token);
  if (token === undefined || purpose === undefined) return "no-token";
  // What it states, everybody can see: others need not be tried.
  const stated = scopes.filter((scope) => scope.purpose === purpose);
  const derived = keysOf(ring).flatMap((key) => stated.map((scope) => deriveToken(key, scope)));
  return derived.map((one) => isSameSecret(token, one)).includes(true) ? "granted" : "denied";
}

/** The token of an Authorization header (RFC 6750, 2.1); undefined where there is none. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? "")?.[1];
}
