/** The only method there is (spec/stunnerd.md 14). */
export const METHOD = "GET";

/** What the path of a request names. */
export interface Target {
  readonly kind: "turn" | "ice";
  /** Undefined: the path is one of the original's, which names none. */
  readonly cluster: string | undefined;
  /** The query, without its question mark. */
  readonly search: string;
}

/** The slash after a cluster may be missing: API Gateway's HTTP APIs have no routes that end in one. */
const SHAPE = /^(?:\/c\/(?<cluster>[A-Za-z0-9][\w-]{0,62}))?(?:\/(?<ice>ice)?|(?<=.))$/;

/**
 * Reads `/`, `/ice`, `/c/<cluster>`, `/c/<cluster>/` and `/c/<cluster>/ice`. Undefined: another path.
 * @param url as it stands in the request line: path and query, or an absolute URL as proxies send it
 */
export function parseTarget(url: string): Target | undefined {
  const local = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "");
  const mark = local.indexOf("?");
  const [path, search] = mark < 0 ? [local, ""] : [local.slice(0, mark), local.slice(mark + 1)];
  const groups = SHAPE.exec(path)?.groups;
  return groups && { kind: groups["ice"] === undefined ? "turn" : "ice", cluster: groups["cluster"], search };
}
