import { type Answer, failure, plain } from "./answers.ts";
import type { IceQuery } from "./ice.ts";
import type { Target } from "./target.ts";
import { uriHost } from "./turn-uri.ts";

/** What a request asks for, read. */
export interface Parameters {
  /** Empty: not given. */
  readonly service: string;
  readonly query: IceQuery;
}

/** Bytes of a user id: the name with its expiry must fit into a STUN message, where it has fewer than 509 (RFC 8489, 14.3). */
const LONGEST_USERNAME = 480;

/**
 * Reads the query of a request (spec/stunnerd.md 14.1). An empty `namespace`, `gateway` or `listener` is one that nothing
 * has: a variable that was left empty must not open all Gateways.
 * @returns the answer instead, where a parameter cannot be used
 */
export function readParameters(kind: Target["kind"], search: string): Parameters | { readonly refused: Answer } {
  const given = new URLSearchParams(search);
  if (kind === "turn" && !given.get("service")) return { refused: plain(400, "Query argument service is required, but not found") };
  const twice = NAMES.find((name) => given.getAll(name).length > 1);
  if (twice !== undefined) return invalid(twice, "it is given more than once");
  const of = (name: string): string | undefined => given.get(name) ?? undefined;

  const ttl = of("ttl");
  if (ttl !== undefined && !isInteger(ttl)) return invalid("ttl", `${shown(ttl)} is not an integer`);
  const port = of("public-port");
  if (port !== undefined && !isPort(port)) return invalid("public-port", `${shown(port)} is not a port from 1 to 65535`);
  const isPrivate = of("private-addr") ?? "false";
  if (!TRUE.has(isPrivate) && !FALSE.has(isPrivate)) return invalid("private-addr", `${shown(isPrivate)} is neither true nor false`);

  const address = of("public-addr");
  if (address && uriHost(address) === undefined) return unusable("public-addr must be an IP address or a host name");
  const username = of("username");
  const userBytes = Buffer.byteLength(username ?? "");
  if (userBytes > LONGEST_USERNAME) return unusable(`username has at most ${LONGEST_USERNAME} bytes`);
  if (/\p{Cc}/u.test(username ?? "")) return unusable("username must not hold control characters");

  return {
    service: of("service") ?? "",
    query: {
      namespace: of("namespace"),
      gateway: of("gateway"),
      listener: of("listener"),
      username,
      ttl: ttl === undefined ? undefined : Number(ttl),
      publicAddress: address,
      publicPort: port === undefined ? undefined : Number(port),
      includePrivate: TRUE.has(isPrivate),
      iceTransportPolicy: of("iceTransportPolicy"),
    },
  };
}

const NAMES = [
  "service", "username", "ttl", "namespace", "gateway", "listener", "public-addr", "public-port", "private-addr", "iceTransportPolicy",
] as const;

/** As Go reads truth values. */
const TRUE: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE: ReadonlySet<string> = new Set(["0", "f", "F", "false", "FALSE", "False"]);

/** Seconds that can be added to the time: beyond 15 digits numbers are not exact. */
export function isInteger(text: string): boolean {
  return /^[+-]?\d{1,15}$/.test(text);
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 32));
}

/** In the words of the original. */
function invalid(name: string, reason: string): { refused: Answer } {
  return { refused: plain(400, `Invalid format for parameter ${name}: ${reason}`) };
}

function unusable(reason: string): { refused: Answer } {
  return { refused: failure(422, reason) };
}
