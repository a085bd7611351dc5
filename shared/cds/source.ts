/** One served configuration: the text exactly as it is published. */
export interface ConfigEntry {
  /** `namespace/name` of the Gateway. */
  readonly id: string;
  /** SHA-256 of the text, lower-case hexadecimal. */
  readonly digest: string;
  readonly text: Buffer;
  /** UID of the Gateway; absent or empty where it has none. */
  readonly uid?: string;
}

export interface SourceChange {
  /** Configurations that are new or have another digest. */
  readonly changed: readonly ConfigEntry[];
  /** Ids of configurations that are gone. */
  readonly deleted: readonly string[];
  /** Names of nodes whose external address changed (spec/cds.md 7). */
  readonly nodes: readonly string[];
}

/** What CDS serves from: the present configurations, all in memory, and what becomes of them. */
export interface ConfigSource {
  /** False until the first look at the store has succeeded. */
  readonly ready: boolean;
  /** By id, ascending. */
  readonly entries: ReadonlyMap<string, ConfigEntry>;
  /** External IP address of a node, or undefined (spec/cds.md 7). */
  nodeAddress(node: string): string | undefined;
  /** Calls back once per change of the index, with everything that changed. Returns how to stop. */
  subscribe(listener: (change: SourceChange) => void): () => void;
}
