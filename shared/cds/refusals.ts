import type { Answer } from "./answer.ts";

/** The answers to requests that get no configuration: statuses of spec/cds.md 2.1, bodies as it declares them. */
export function pageNotFound(): Answer {
  return failure(404, "404 page not found");
}

/** @param allowed the methods that are answered, separated by commas */
export function methodNotAllowed(allowed = "GET"): Answer {
  return failure(405, `Only ${allowed} is answered here`, { Allow: allowed });
}

/** No token was given, or none that is one (RFC 6750, 3). */
export function unauthorized(): Answer {
  return failure(401, "A bearer token is needed", { "WWW-Authenticate": 'Bearer realm="stunner-serverless"' });
}

/** The token opens something else, or nothing any more. */
export function forbidden(): Answer {
  return failure(403, "The token does not open this");
}

/** @param message of what there is too much */
export function tooMany(message: string): Answer {
  return failure(429, message, { "Retry-After": "1" });
}

/** @param location path and query without doubled slashes */
export function moved(location: string): Answer {
  return { status: 301, headers: { Location: location }, body: "" };
}

export function badEscape(): Answer {
  return text(400, "Bad Request\nthe path has a % that is not followed by two hexadecimal digits");
}

/** The value is not repeated: it may be a secret in the wrong place. */
export function badWatch(): Answer {
  return text(400, "Invalid format for parameter watch: accepted are 1, t, T, true, TRUE, True, 0, f, F, false, FALSE, False");
}

/** A watch that did not come, or did not come properly, as a WebSocket handshake. */
export function badHandshake(fault: string): Answer {
  const answer = text(400, `Bad Request\nwebsocket: ${fault}`);
  return { ...answer, headers: { ...answer.headers, "Sec-WebSocket-Version": "13" } };
}

/** There is no such configuration. */
export function configNotFound(id: string): Answer {
  return failure(404, `Config not found for ID ${id}`);
}

/** @param message why the request cannot be served now; the client may try again in a second */
export function unavailable(message: string): Answer {
  return failure(503, message, { "Retry-After": "1" });
}

/** The declared error object of CDS: `code` and `message`. Every endpoint answers its errors with it. */
export function failure(code: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: code, headers: { "Content-Type": "application/json", ...headers }, body: `${JSON.stringify({ code, message })}\n` };
}

function text(status: number, body: string): Answer {
  return {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8" },
    body: `${body}\n`,
  };
}
