import { isSameSecret } from "../../shared/access/equal.ts";
import type { KeyRing } from "../../shared/access/key-ring.ts";
import { deriveToken, operatorScopes, statedPurpose, type TokenScope } from "../../shared/access/token.ts";
import type { PublishedIndex } from "../../shared/cds/published-index.ts";

/** What a token may be of. */
export interface Known {
  readonly cluster: string;
  /** Undefined: nothing is known of what is published. */
  readonly index: Pick<PublishedIndex, "configs"> | undefined;
  /** A Gateway that was named. */
  readonly gateway: { readonly namespace: string; readonly name: string; readonly uid: string } | undefined;
}

export interface Explained {
  readonly isOpen: boolean;
  /** One line, without the token. */
  readonly text: string;
}

/** Says what a token opens, or why it opens nothing. It does not say itself what it is of: everything known is tried. */
export function explainToken(token: string, { current, previous }: KeyRing, known: Known): Explained {
  const purpose = statedPurpose(token);
  if (purpose === undefined) return { isOpen: false, text: "this is no token: one is st1.<config|events|operator>.<43 characters>" };
  const scopes = candidates(known).filter((scope) => scope.purpose === purpose);
  for (const [key, note] of [[current, ""], [previous, ", until the rotation of keys is finished: it is of the previous one"]] as const) {
    const found = key && scopes.find((scope) => isSameSecret(token, deriveToken(key, scope)));
    if (found) return { isOpen: true, text: `opens ${title(found)}${note}` };
  }
  const { cluster } = known;
  const tried = purpose === "config" ? `none of the ${scopes.length} Gateways that are known of cluster ${cluster}` : `nothing of cluster ${cluster}`;
  return { isOpen: false, text: `states ${purpose} and opens ${tried}: it is of another cluster, a Gateway that is gone, or a key that is not valid any more` };
}

function candidates({ cluster, index, gateway }: Known): readonly TokenScope[] {
  const published = [...(index?.configs ?? [])].map(([id, { uid }]) => {
    const [namespace = "", name = ""] = id.split("/");
    return { namespace, name, uid };
  });
  const configs = [...(gateway ? [gateway] : []), ...published].map((one) => ({ purpose: "config" as const, cluster, ...one }));
  return [{ purpose: "events", cluster }, ...operatorScopes(cluster), ...configs];
}

function title(scope: TokenScope): string {
  if (scope.purpose === "events") return `the event endpoint of cluster ${scope.cluster}`;
  if (scope.purpose === "config") return `the configuration of Gateway ${scope.namespace}/${scope.name} of cluster ${scope.cluster}`;
  return `everything that operators may see of ${scope.cluster === "" ? "every cluster" : `cluster ${scope.cluster}`}`;
}
