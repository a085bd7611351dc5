import { randomUUID } from "node:crypto";
import { type Access, bearerToken } from "../access/access.ts";
import { operatorScopes, statedPurpose, type TokenScope } from "../access/token.ts";
import type { Answer } from "./answer.ts";
import { forbidden, pageNotFound, unauthorized, unavailable } from "./refusals.ts";
import type { ConfigRequest, ListRequest } from "./request.ts";
import type { ConfigSource } from "./source.ts";

/** What a client may see, for as long as its token is good for it. */
export interface Grant {
  /** Whose token it is, for counting: `namespace/name` of a Gateway, or a purpose. No secret. */
  readonly holder: string;
  /** Whether the token would still be let in: keys may have been rotated, or the Gateway made anew. Cheap while nothing has changed. */
  holds(): boolean;
}

/** Who is let in has a grant, and who is not, an answer; neither where nobody asks. */
export interface Admission {
  readonly grant?: Grant;
  readonly refusal?: Answer;
}

/** Decides who is let in before anything is looked up for them. */
export interface CdsGuard {
  /** @param authorization header of that name */
  admit(authorization: string | undefined, request: ConfigRequest | ListRequest): Admission;
  /** The answer where there is no such cluster; only an operator of all clusters is told so. */
  turnAway(authorization: string | undefined): Answer;
}

/**
 * A configuration is opened by the token of its Gateway or of an operator, a list by the latter (DESIGN.md 4.3). Who is not let
 * in cannot tell, neither from the answer nor from its time, whether there is such a Gateway.
 */
export function createGuard(access: Access, cluster: string, source: ConfigSource): CdsGuard {
  // What is derived for a Gateway that is not there opens nothing, and takes as long.
  const nobody = randomUUID();
  const operator = operatorScopes(cluster);

  function uidOf(request: ConfigRequest | ListRequest): string | undefined {
    const entry = request.kind === "config" ? source.entries.get(request.id) : undefined;
    return entry === undefined ? undefined : (entry.uid ?? "");
  }

  function scopesOf(request: ConfigRequest | ListRequest, uid: string | undefined): readonly TokenScope[] {
    if (request.kind === "list") return operator;
    const [namespace = "", name = ""] = request.id.split("/");
    return [{ purpose: "config", cluster, namespace, name, uid: uid ?? nobody }, ...operator];
  }

  function grant(token: string, request: ConfigRequest | ListRequest, uidAtFirst: string | undefined): Grant {
    let [keys, uid] = [access.keys(), uidAtFirst];
    const isOfGateway = request.kind === "config" && statedPurpose(token) === "config";
    return {
      holder: isOfGateway ? request.id : "operator",
      holds() {
        const now = { keys: access.keys(), uid: uidOf(request) };
        // A Gateway that is gone has nothing to be opened.
        if (now.keys === keys && (now.uid === uid || now.uid === undefined)) return true;
        if (access.check(token, scopesOf(request, now.uid ?? uid)) !== "granted") return false;
        keys = now.keys;
        uid = now.uid ?? uid;
        return true;
      },
    };
  }

  return {
    admit(authorization, request) {
      const token = bearerToken(authorization);
      const uid = uidOf(request);
      const verdict = access.check(token, scopesOf(request, uid));
      if (verdict === "granted" && token !== undefined) return { grant: grant(token, request, uid) };
      if (verdict === "no-token") return { refusal: unauthorized() };
      return { refusal: source.ready ? forbidden() : unavailable("The configurations are not loaded yet") };
    },

    turnAway(authorization) {
      const nowhere: TokenScope = { purpose: "operator", cluster: nobody };
      const verdict = access.check(bearerToken(authorization), [nowhere, ...operatorScopes("")]);
      if (verdict === "no-token") return unauthorized();
      return verdict === "granted" ? pageNotFound() : forbidden();
    },
  };
}
