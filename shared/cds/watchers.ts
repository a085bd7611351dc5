import type { Watcher } from "./watcher.ts";

/** All watching connections, found by what concerns them: a change costs what its own watchers cost, however many others there are. */
export class Watchers {
  readonly #everyone = new Set<Watcher>();
  readonly #ofAll = new Set<Watcher>();
  readonly #byNamespace = new Map<string, Set<Watcher>>();
  readonly #byId = new Map<string, Set<Watcher>>();
  readonly #byNode = new Map<string, Set<Watcher>>();

  get size(): number {
    return this.#everyone.size;
  }

  /** Configurations, namespaces and nodes that someone watches; clients can make up any number, so none may stay behind. */
  get groups(): number {
    return this.#byId.size + this.#byNamespace.size + this.#byNode.size;
  }

  [Symbol.iterator](): Iterator<Watcher> {
    return this.#everyone.values();
  }

  add(watcher: Watcher): void {
    this.#everyone.add(watcher);
    for (const [index, key] of this.#places(watcher)) {
      const group = index.get(key);
      if (group === undefined) index.set(key, new Set([watcher]));
      else group.add(watcher);
    }
    if (isOfAll(watcher)) this.#ofAll.add(watcher);
  }

  delete(watcher: Watcher): void {
    this.#everyone.delete(watcher);
    this.#ofAll.delete(watcher);
    for (const [index, key] of this.#places(watcher)) {
      const group = index.get(key);
      if (group?.delete(watcher) === true && group.size === 0) index.delete(key);
    }
  }

  /** Those that watch this configuration, alone, with its namespace, or with all. */
  *ofConfig(id: string): Iterable<Watcher> {
    yield* this.#byId.get(id) ?? [];
    yield* this.#byNamespace.get(id.slice(0, id.indexOf("/"))) ?? [];
    yield* this.#ofAll;
  }

  /** Those that watch one configuration from this node. */
  ofNode(node: string): Iterable<Watcher> {
    return this.#byNode.get(node) ?? [];
  }

  #places({ scope }: Watcher): [index: Map<string, Set<Watcher>>, key: string][] {
    if (scope.kind === "list") return scope.namespace === undefined ? [] : [[this.#byNamespace, scope.namespace]];
    return scope.node === "" ? [[this.#byId, scope.id]] : [[this.#byId, scope.id], [this.#byNode, scope.node]];
  }
}

function isOfAll({ scope }: Watcher): boolean {
  return scope.kind === "list" && scope.namespace === undefined;
}
