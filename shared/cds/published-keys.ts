/** Keys of what is published of one cluster (DESIGN.md 4.2). */
export interface PublishedKeys {
  readonly index: string;
  readonly nodes: string;
  /** Prefix of all config objects. */
  readonly configs: string;
  /** @param id `namespace/name` of the Gateway */
  config(id: string, digest: string): string;
}

export function keysOf(cluster: string): PublishedKeys {
  const root = `clusters/${cluster}`;
  const configs = `${root}/configs/`;
  return {
    index: `${root}/index.json`,
    nodes: `${root}/nodes.json`,
    configs,
    config: (id, digest) => `${configs}${id}/${digest}.json`,
  };
}

/** Id and digest of a config object's key; undefined for keys that are none. */
export function parseConfigKey(cluster: string, key: string): { id: string; digest: string } | undefined {
  const { configs } = keysOf(cluster);
  const match = key.startsWith(configs) ? /^([^/]+\/[^/]+)\/([0-9a-f]{64})\.json$/.exec(key.slice(configs.length)) : null;
  if (match === null) return undefined;
  const [, id = "", digest = ""] = match;
  return { id, digest };
}
