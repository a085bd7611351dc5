import { decodePath } from "../http/decode-path.ts";

/** Where events of a cluster are sent: `/v1/clusters/<cluster>/events/<token>` (DESIGN.md 4.4). */
export interface EventPath {
  readonly cluster: string;
  /** A secret: never in a log or an answer. */
  readonly token: string;
}

const PREFIX = "/v1/clusters/";
const SHAPE = /^\/v1\/clusters\/([A-Za-z0-9][\w-]{0,62})\/events\/([^/]{1,1024})$/;

/** Whether a path is one of events, be it right or wrong. @param url as a request has it, query included */
export function isEventUrl(url: string): boolean {
  return url.startsWith(PREFIX);
}

/** Undefined where the path is another one. */
export function parseEventPath(url: string): EventPath | undefined {
  const [, cluster, token] = SHAPE.exec(url.split("?")[0] ?? "") ?? [];
  const plainToken = token === undefined ? undefined : decodePath(token);
  return cluster === undefined || plainToken === undefined ? undefined : { cluster, token: plainToken };
}

export function eventPath({ cluster, token }: EventPath): string {
  return `${PREFIX}${encodeURIComponent(cluster)}/events/${encodeURIComponent(token)}`;
}

/** Whether a webhook's URL or path leads to the events of a cluster. */
export function leadsTo(url: string, cluster: string): boolean {
  return url.includes(`${PREFIX}${encodeURIComponent(cluster)}/events/`);
}
