import { type Answer, failure } from "./answers.ts";
import { METHOD } from "./target.ts";

/** Seconds that a browser remembers the answer to a preflight. */
const REMEMBERED_S = 600;

/** Whether a page of this origin may read answers. @param allowed origins, or `*` for all */
function isAllowed(allowed: readonly string[], origin: string): boolean {
  return allowed.includes("*") || allowed.includes(origin.toLowerCase());
}

/**
 * Adds what lets a page of the origin read an answer (Fetch standard, 3.2). Without it the browser keeps the answer from
 * the page. Cookies are never asked for.
 */
export function withCors(answer: Answer, allowed: readonly string[], origin: string | undefined): Answer {
  if (allowed.length === 0) return answer;
  const headers = { ...answer.headers, Vary: "Origin" };
  if (origin === undefined || !isAllowed(allowed, origin)) return { ...answer, headers };
  return { ...answer, headers: { ...headers, "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After" } };
}

/** Answers the question of a browser whether a page may send its request; it comes without credentials. */
export function preflight(allowed: readonly string[], origin: string): Answer {
  if (!isAllowed(allowed, origin)) return failure(403, "pages of this origin may not ask here");
  return {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": METHOD,
      "Access-Control-Allow-Headers": "Authorization, X-API-Key",
      "Access-Control-Max-Age": String(REMEMBERED_S),
    },
    body: "",
  };
}
