import { createHmac, type KeyObject } from "node:crypto";

/** What a token opens (DESIGN.md 4.3). */
export type TokenScope =
  | ConfigScope
  /** Events of one cluster may be sent. */
  | { readonly purpose: "events"; readonly cluster: string }
  /** Lists, reports, status page, administration of credentials; of every cluster where `cluster` is empty. */
  | { readonly purpose: "operator"; readonly cluster: string };

/** The configuration of one Gateway, as long as it has this UID. */
export interface ConfigScope {
  readonly purpose: "config";
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** Empty where the Gateway has none. */
  readonly uid: string;
}

/** What opens everything of a cluster to its operators. */
export function operatorScopes(cluster: string): readonly TokenScope[] {
  return [{ purpose: "operator", cluster }, { purpose: "operator", cluster: "" }];
}

export type Purpose = TokenScope["purpose"];
export const PURPOSES = ["config", "events", "operator"] as const satisfies readonly Purpose[];

const VERSION = "st1";
const SHAPE = new RegExp(`^${VERSION}\\.(${PURPOSES.join("|")})\\.[A-Za-z0-9_-]{43}$`);

/**
 * The token of a scope: `st1.<purpose>.<43 characters>`, an HMAC-SHA-256 in base64url. It can stand in a header and in a
 * path as it is. Whoever holds the key can derive it again, so none is stored.
 * @example deriveToken(ring.current, { purpose: "events", cluster: "prod" })
 */
export function deriveToken(key: KeyObject, scope: TokenScope): string {
  const { namespace, name, uid } = scope.purpose === "config" ? scope : NOTHING;
  const mac = createHmac("sha256", key);
  for (const field of [VERSION, scope.cluster, namespace, name, uid, scope.purpose]) mac.update(withLength(field));
  return `${VERSION}.${scope.purpose}.${mac.digest("base64url")}`;
}

/** The purpose that a token states; undefined: it is not a token of ours. It proves nothing. */
export function statedPurpose(text: string): Purpose | undefined {
  const stated = SHAPE.exec(text)?.[1];
  return PURPOSES.find((purpose) => purpose === stated);
}

const NOTHING = { namespace: "", name: "", uid: "" };

/** With its length in front, so that no other fields come to the same bytes. */
function withLength(field: string): Buffer {
  const bytes = Buffer.from(field);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
