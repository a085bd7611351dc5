import type { IncomingHttpHeaders } from "node:http";
import type { ConfigSource } from "../cds/source.ts";
import { type Answer, failure, found, plain } from "./answers.ts";
import { type Authorize, identify } from "./callers.ts";
import { preflight, withCors } from "./cors.ts";
import { createEntryReader } from "./entry-reader.ts";
import { iceConfigurationOf, turnTokenOf } from "./ice.ts";
import { readParameters } from "./parameters.ts";
import { createRateLimit } from "./rate-limit.ts";
import { METHOD, parseTarget, type Target } from "./target.ts";

/** A cluster whose credentials are given out. */
export interface CredentialsCluster {
  readonly name: string;
  readonly source: Pick<ConfigSource, "ready" | "entries">;
  /** API keys that open it. Secrets. */
  readonly apiKeys: readonly string[];
}

export interface CredentialsOptions {
  /** At least one; the first answers at the paths of the original, all of them at `/c/<cluster>/…`. */
  readonly clusters: readonly CredentialsCluster[];
  /** Judges tokens. Without it, a cluster without API keys is open to everybody: for loopback and `--insecure`. */
  readonly authorize?: Authorize | undefined;
  /** Origins whose pages may read answers; `*`: all. */
  readonly origins: readonly string[];
  /** Requests a second of one caller; 0: no limit. */
  readonly perSecond: number;
  /** Stand in every URI, unless a request says otherwise; empty and 0: the listener's own do. */
  readonly publicAddress: string;
  readonly publicPort: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface CredentialsRequest {
  readonly method: string;
  /** As it stands in the request line. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly hasBody: boolean;
  /** IP address of the client. */
  readonly address: string;
}

/** The STUNner auth service (spec/stunnerd.md 14), without a server around it. */
export interface CredentialsService {
  /** Whether a request target is one of it. */
  handles(url: string): boolean;
  /** Never throws. */
  answer(request: CredentialsRequest): Answer;
}

/**
 * @example
 * const clusters = [{ name: "default", source, apiKeys: [] }];
 * const service = createCredentialsService({ clusters, origins: [], perSecond: 20, publicAddress: "", publicPort: 0, now: Date.now });
 * service.answer({ method: "GET", url: "/ice?service=turn", headers: {}, hasBody: false, address: "127.0.0.1" });
 */
export function createCredentialsService(options: CredentialsOptions): CredentialsService {
  const { clusters, authorize, origins, now } = options;
  const limit = createRateLimit(options.perSecond);
  const read = createEntryReader();
  const isClosed = authorize !== undefined || clusters.some(({ apiKeys }) => apiKeys.length > 0);

  function answer(request: CredentialsRequest): Answer {
    const { method, url, headers } = request;
    const target = parseTarget(url);
    if (!target) return plain(404, "404 page not found");
    const isPreflight = method === "OPTIONS" && headers.origin !== undefined && headers["access-control-request-method"] !== undefined;
    if (isPreflight && origins.length > 0) return preflight(origins, headers.origin ?? "");
    if (method !== METHOD) return failure(405, `only ${METHOD} is answered here`, { Allow: METHOD });
    if (request.hasBody) return failure(413, "a request has no body here");
    const name = target.cluster ?? clusters[0]?.name ?? "";
    const cluster = clusters.find((one) => one.name === name);
    const refused = admit(request, target, name, cluster);
    if (refused) return refused;
    return cluster ? give(cluster, target) : failure(404, "there is no such cluster");
  }

  /** Undefined: the request may go on. Whether there is such a cluster is for those to know who may ask. */
  function admit({ headers, address }: CredentialsRequest, { search }: Target, name: string, cluster?: CredentialsCluster): Answer | undefined {
    const { apiKeys = [] } = cluster ?? {};
    const isOpen = cluster ? apiKeys.length === 0 && !authorize : !isClosed;
    const caller = isOpen ? { name: `address ${address}` } : identify({ headers, search }, apiKeys, name, authorize);
    const isRefused = "refused" in caller;
    const wait = limit.take(isRefused ? `refused ${address}` : caller.name, now());
    if (wait > 0) return failure(429, `too many requests: ${options.perSecond} a second are answered`, { "Retry-After": String(wait) });
    if (!isRefused) return undefined;
    if (caller.refused === 403) return failure(403, "the token does not open this");
    return failure(401, "give an API key or a token: Authorization: Bearer, or X-API-Key", { "WWW-Authenticate": "Bearer" });
  }

  function give({ source }: CredentialsCluster, { kind, search }: Target): Answer {
    const parameters = readParameters(kind, search);
    if ("refused" in parameters) return parameters.refused;
    const { service, query } = parameters;
    if (!source.ready) return plain(500, "no STUNner configuration available", { "Retry-After": "1" });
    const title = kind === "ice" ? "ICE" : "TURN";
    if (service !== "turn") return plain(400, `could not generate ${title} auth token: "\\"service\\" must be \\"turn\\""`);
    const publicAddress = query.publicAddress || options.publicAddress;
    const wanted = { ...query, publicAddress, publicPort: query.publicPort ?? (options.publicPort || undefined) };
    const configs = read(source.entries.values());
    const given = kind === "ice" ? iceConfigurationOf(configs, wanted, now()) : turnTokenOf(configs, wanted, now());
    return given ? found(given) : plain(404, `could not generate ${kind === "ice" ? "ICE config" : "TURN auth token"}: no valid listener found`);
  }

  return {
    handles: (url) => parseTarget(url) !== undefined,
    answer: (request) => withCors(answer(request), origins, request.headers.origin),
  };
}
