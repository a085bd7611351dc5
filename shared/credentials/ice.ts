import { NODE_ADDRESS_PLACEHOLDER, STUNNER_ADDR } from "../resources/stunnerd-config.ts";
import type { IceConfig, IceListener } from "./read-config.ts";
import { DEFAULT_TTL, turnCredentials } from "./turn-credentials.ts";
import { turnUri } from "./turn-uri.ts";

/** What is asked for (spec/stunnerd.md 14.1). What is left out does not narrow anything. */
export interface IceQuery {
  readonly namespace?: string | undefined;
  /** Counts only together with `namespace`. */
  readonly gateway?: string | undefined;
  /** Counts only together with `namespace` and `gateway`. */
  readonly listener?: string | undefined;
  /** User id that ephemeral names end with. */
  readonly username?: string | undefined;
  /** Seconds; default 86400. */
  readonly ttl?: number | undefined;
  /** Stands in every URI in place of the listener's own address. */
  readonly publicAddress?: string | undefined;
  /** Stands in every URI in place of the listener's own port. */
  readonly publicPort?: number | undefined;
  /** Listeners without a public address too, at their relay address. */
  readonly includePrivate?: boolean | undefined;
  /** Copied to the answer; default `all`. */
  readonly iceTransportPolicy?: string | undefined;
}

/** As `new RTCPeerConnection({ iceServers })` takes it. */
export interface IceServer {
  credential: string;
  urls: string[];
  username: string;
}

/** Answer of `/ice`, keys in the order of the original (spec/stunnerd.md 14.2). */
export interface IceConfiguration {
  iceServers: IceServer[];
  iceTransportPolicy: string;
}

/** Answer of `/`: the TURN REST API's. */
export interface TurnToken {
  password: string;
  /** Seconds. */
  ttl: number;
  uris: string[];
  username: string;
}

/** The server of one configuration. */
interface Found {
  readonly id: string;
  readonly server: IceServer;
}

/** The servers of each configuration that has a listener which matches, in the order given. @param now milliseconds since the epoch */
export function* iceServers(configs: Iterable<IceConfig>, query: IceQuery, now: number): Generator<Found> {
  const { username: userId = "", ttl = DEFAULT_TTL } = query;
  for (const { id, auth, listeners } of configs) {
    const urls = listeners.filter((one) => matches(one, query)).flatMap((one) => urlOf(one, query) ?? []);
    if (urls.length === 0) continue;
    const { username, password } = turnCredentials(auth, { userId, ttl, now });
    yield { id, server: { credential: password, urls, username } };
  }
}

/** Undefined where no listener matches. */
export function iceConfigurationOf(configs: Iterable<IceConfig>, query: IceQuery, now: number): IceConfiguration | undefined {
  const servers = [...iceServers(configs, query, now)].map(({ server }) => server);
  return servers.length === 0 ? undefined : { iceServers: servers, iceTransportPolicy: query.iceTransportPolicy ?? "all" };
}

/** Of the first configuration that has a listener which matches; undefined where none has. */
export function turnTokenOf(configs: Iterable<IceConfig>, query: IceQuery, now: number): TurnToken | undefined {
  const [first] = iceServers(configs, query, now);
  if (!first) return undefined;
  const { credential, urls, username } = first.server;
  return { password: credential, ttl: query.ttl ?? DEFAULT_TTL, uris: urls, username };
}

function matches(listener: IceListener, { namespace, gateway, listener: name }: IceQuery): boolean {
  if (namespace === undefined) return true;
  if (listener.namespace !== namespace) return false;
  if (gateway === undefined) return true;
  return listener.gateway === gateway && (name === undefined || listener.name === name);
}

/** Undefined where clients cannot reach it, or where it has no URI. */
function urlOf(listener: IceListener, { publicAddress, publicPort, includePrivate }: IceQuery): string | undefined {
  const address = publicAddress || listener.publicAddress || (includePrivate ? relayAddress(listener.address) : "");
  return address === "" ? undefined : turnUri(listener.protocol, address, publicPort ?? listener.publicPort ?? listener.port);
}

/** What only the pod knows becomes 0.0.0.0, as it does upstream (spec/stunnerd.md 6.4, 14.2). */
function relayAddress(address: string): string {
  return address === "" || address === STUNNER_ADDR || address === NODE_ADDRESS_PLACEHOLDER ? "0.0.0.0" : address;
}
