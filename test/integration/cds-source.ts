import { createHash } from "node:crypto";
import type { ConfigEntry, ConfigSource, SourceChange } from "../../shared/cds/source.ts";

/** A source of configurations that a test sets by hand. */
export class MemorySource implements ConfigSource {
  ready = true;
  entries: ReadonlyMap<string, ConfigEntry> = new Map();
  /** UIDs of what is set from now on, by id. */
  uids: Readonly<Record<string, string>> = {};
  readonly #nodes = new Map<string, string>();
  readonly #listeners = new Set<(change: SourceChange) => void>();

  nodeAddress(node: string): string | undefined {
    return this.#nodes.get(node);
  }

  subscribe(listener: (change: SourceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get subscribers(): number {
    return this.#listeners.size;
  }

  /** Sets or, where the text is undefined, deletes configurations, all in one change. */
  set(texts: Readonly<Record<string, string | undefined>>): void {
    const entries = new Map(this.entries);
    const changed: ConfigEntry[] = [];
    const deleted: string[] = [];
    for (const [id, text] of Object.entries(texts)) {
      if (text === undefined) {
        entries.delete(id);
        deleted.push(id);
        continue;
      }
      const entry = { id, digest: createHash("sha256").update(text).digest("hex"), text: Buffer.from(text), uid: this.uids[id] ?? "" };
      entries.set(id, entry);
      changed.push(entry);
    }
    this.entries = new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.#tell({ changed, deleted, nodes: [] });
  }

  /** Sets or deletes the external address of a node. */
  setNode(node: string, address: string | undefined): void {
    if (address === undefined) this.#nodes.delete(node);
    else this.#nodes.set(node, address);
    this.#tell({ changed: [], deleted: [], nodes: [node] });
  }

  /** Says that all of this changed, whether or not it did. */
  tell(change: Partial<SourceChange>): void {
    this.#tell({ changed: [], deleted: [], nodes: [], ...change });
  }

  #tell(change: SourceChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** A configuration as the renderer writes it, small, told apart by a port. */
export function configText(id: string, port = 3478, address = "$STUNNER_ADDR"): string {
  const listener = { name: `${id}/udp`, protocol: "TURN-UDP", address, port, routes: ["ns/route"] };
  const auth = { type: "static", realm: "stunner.l7mp.io", credentials: { password: "p", username: "u" } };
  return JSON.stringify({ version: "v1", admin: { name: id, loglevel: "all:INFO" }, auth, listeners: [listener] });
}
