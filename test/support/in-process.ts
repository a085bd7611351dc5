import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { createDirectoryCluster } from "../../shared/apply/directory.ts";
import type { Cluster } from "../../shared/apply/cluster.ts";
import { createPublishedCache, loadPublished } from "../../shared/cds/publish.ts";
import { reconcile } from "../../shared/reconcile.ts";
import type { Pass, ReconcileOptions } from "../../shared/reconcile.ts";
import { openLease } from "../../shared/store/lease.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { RENDER_SETTINGS } from "./render-settings.ts";
import { directoryOf } from "./running-serve.ts";

/** The control plane on two directories, pass by pass, with a clock that the test sets. */
export class InProcess {
  now = Date.parse("2026-01-01T00:00:00Z");
  options: ReconcileOptions = {
    clusterName: "test",
    render: RENDER_SETTINGS,
    releaseAfter: 600_000,
    allowMassDelete: false,
    drift: "correct",
  };
  names: Record<string, string> = {};
  readonly path: string;
  readonly remove: () => Promise<void>;
  readonly store: ObjectStore;
  #cluster: Cluster;
  #cache = createPublishedCache();

  private constructor(path: string, remove: () => Promise<void>, store: ObjectStore) {
    this.path = path;
    this.remove = remove;
    this.store = store;
    this.#cluster = this.#newCluster();
  }

  static async start(files: Readonly<Record<string, string>>, store: ObjectStore = createMemoryStore()): Promise<InProcess> {
    const { path, remove } = await directoryOf({});
    const started = new InProcess(path, remove, store);
    await mkdir(join(path, "m"));
    for (const [name, text] of Object.entries(files)) await started.write(name, text);
    return started;
  }

  /** A new process on the same directories and store. */
  restart(): void {
    this.#cluster = this.#newCluster();
    this.#cache = createPublishedCache();
  }

  /** Puts something between the control plane and its cluster. */
  wrap(around: (cluster: Cluster) => Cluster): void {
    this.#cluster = around(this.#cluster);
  }

  pass(options: Partial<ReconcileOptions> = {}, store = this.store): Promise<Pass> {
    const lookup = (name: string): Promise<string> => {
      const address = this.names[name];
      return address === undefined ? Promise.reject(new Error("unknown name")) : Promise.resolve(address);
    };
    const ports = { cluster: this.#cluster, store, cache: this.#cache, lookup, now: () => this.now, openLease: () => openLease(store, { cluster: "test", holder: "test", duration: 60_000, now: () => this.now }) };
    return reconcile(ports, { ...this.options, ...options });
  }

  /** Writes a manifest. */
  write(name: string, text: string): Promise<void> {
    return this.writeAt(join("m", name), text);
  }

  async writeAt(path: string, text: string): Promise<void> {
    const file = join(this.path, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  delete(name: string): Promise<void> {
    return rm(join(this.path, "m", name));
  }

  /** Ids of what is published. */
  async published(): Promise<string[]> {
    return [...(await loadPublished(this.store, this.options.clusterName)).keys()];
  }

  async config(id: string) {
    return (await loadPublished(this.store, this.options.clusterName)).get(id);
  }

  /** What stands in a file of the directory that is written; undefined where there is none. */
  async out(path: string): Promise<Record<string, unknown> | undefined> {
    try {
      return parse(await readFile(join(this.path, "out", path), "utf8")) as Record<string, unknown>;
    } catch {
      return undefined;
    }
  }

  async stored(name: string): Promise<Record<string, unknown> | undefined> {
    const found = await this.store.get(`clusters/${this.options.clusterName}/${name}`);
    return found.status === "found" ? (JSON.parse(Buffer.from(found.body).toString()) as Record<string, unknown>) : undefined;
  }

  #newCluster(): Cluster {
    return createDirectoryCluster({ manifests: join(this.path, "m"), out: join(this.path, "out"), now: () => this.now });
  }
}
