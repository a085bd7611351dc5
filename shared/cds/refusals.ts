import type { Answer } from "./answer.ts";

/** The answers to requests that get no configuration: statuses, content types and bodies of spec/cds.md 2.1. */
export function pageNotFound(): Answer {
  return text(404, "404 page not found");
}

export function methodNotAllowed(): Answer {
  return { status: 405, headers: { Allow: "GET" }, body: "" };
}

/** @param location path and query without doubled slashes */
export function moved(location: string): Answer {
  return { status: 301, headers: { Location: location }, body: "" };
}

export function badEscape(): Answer {
  return text(400, "Bad Request\nthe path has a % that is not followed by two hexadecimal digits");
}

/** @param value what the client gave for `watch` */
export function badWatch(value: string): Answer {
  const shown = JSON.stringify(value.slice(0, 32));
  return text(400, `Invalid format for parameter watch: ${shown} is none of 1, t, T, true, TRUE, True, 0, f, F, false, FALSE, False`);
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
  const answer = failure(503, message);
  return { ...answer, headers: { ...answer.headers, "Retry-After": "1" } };
}

/** The declared error object of CDS: `code` and `message`. */
function failure(code: number, message: string): Answer {
  return { status: code, headers: { "Content-Type": "application/json" }, body: `${JSON.stringify({ code, message })}\n` };
}

function text(status: number, body: string): Answer {
  return {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" },
    body: `${body}\n`,
  };
}
