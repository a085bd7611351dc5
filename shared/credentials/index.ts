/** `stunner-serverless/credentials`: TURN credentials and ICE configurations in a Node application. */
import { iceConfigurationOf, turnTokenOf } from "./ice.ts";
import type { IceConfiguration, IceQuery, TurnToken } from "./ice.ts";
import { NoValidListener } from "./no-valid-listener.ts";
import { readConfig, type IceConfig } from "./read-config.ts";

export type { IceConfiguration, IceQuery, IceServer, TurnToken } from "./ice.ts";
export { NoValidListener } from "./no-valid-listener.ts";
export { ephemeralCredentials } from "./turn-credentials.ts";
export type { TurnCredentials } from "./turn-credentials.ts";

/**
 * What a browser needs to reach the Gateways of these configurations: what the auth service answers at `/ice`. Gateways
 * are in ascending namespace/name; one without a public address is left out unless `includePrivate` asks for it.
 * @param configs stunnerd configurations, as the `items` of `GET /api/v1/configs`; what stunnerd would refuse is passed over
 * @param now milliseconds since the epoch
 * @throws {NoValidListener}
 * @example
 * const { items } = await (await fetch("http://127.0.0.1:13478/api/v1/configs")).json();
 * const configuration = iceConfiguration(items, { namespace: "media", username: "joe", ttl: 3600 });
 */
export function iceConfiguration(configs: Iterable<unknown>, query: IceQuery = {}, now: number = Date.now()): IceConfiguration {
  return found(iceConfigurationOf(read(configs), query, now));
}

/**
 * Credentials and URIs of the first Gateway that matches: what the auth service answers at `/`, the TURN REST API.
 * @param configs see `iceConfiguration`
 * @param now milliseconds since the epoch
 * @throws {NoValidListener}
 */
export function turnToken(configs: Iterable<unknown>, query: IceQuery = {}, now: number = Date.now()): TurnToken {
  return found(turnTokenOf(read(configs), query, now));
}

function read(configs: Iterable<unknown>): IceConfig[] {
  const known = [...configs].map(readConfig).filter((one) => one !== undefined);
  return known.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
}

function found<T>(answer: T | undefined): T {
  if (answer === undefined) throw new NoValidListener();
  return answer;
}
