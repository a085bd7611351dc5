import { isObject, listOf, type JsonObject } from "../support/json.ts";
import { createDiscovery, type Discovery } from "./discovery.ts";
import { RequestRefused } from "./errors.ts";
import type { Manifest, Reference, Resource } from "./resource.ts";
import { createTransport, type Answer, type SendOptions, type TransportOptions } from "./transport.ts";
import { watchPath, type WatchEvent } from "./watch.ts";

export interface WriteOptions {
  readonly fieldManager?: string;
  readonly subresource?: string;
  readonly dryRun?: boolean;
}

export interface DeleteOptions {
  readonly propagation?: "Background" | "Foreground" | "Orphan";
  /** Seconds. */
  readonly grace?: number;
}

/** An API server as one user sees it. Methods reject with `RequestRefused`, `request` never does. */
export interface ClusterClient {
  readonly discovery: Discovery;
  /** One raw request; a refusal is an answer like another. */
  request(method: string, path: string, body?: unknown, options?: Omit<SendOptions, "body">): Promise<Answer>;
  /** The object, or undefined where there is none. */
  get(reference: Reference): Promise<Resource | undefined>;
  /** The object. @throws {Error} where there is none */
  read(reference: Reference): Promise<Resource>;
  /** All objects of a kind, in one namespace or all; `query` as the API server takes it. */
  list(apiVersion: string, kind: string, namespace?: string, query?: Readonly<Record<string, string>>): Promise<Resource[]>;
  create(object: Manifest, options?: WriteOptions): Promise<Resource>;
  replace(object: Manifest, options?: WriteOptions): Promise<Resource>;
  /** Server-side apply; `status` in the object is ignored by kinds that have the subresource. */
  apply(object: Manifest, options?: WriteOptions & { readonly force?: boolean }): Promise<Resource>;
  /** JSON merge patch, or JSON patch where `patch` is a list. */
  patch(reference: Reference, patch: object, options?: WriteOptions): Promise<Resource>;
  /** Replaces the status of the live object by that of `object`, again where another writer was faster. */
  status(object: Manifest, options?: WriteOptions): Promise<Resource>;
  /** Whether there was something to delete. `Background` unless said otherwise. */
  delete(reference: Reference, options?: DeleteOptions): Promise<boolean>;
  /**
   * Events of a path until the server ends the watch, `signal` aborts or the loop is left: after `resourceVersion`, or, without
   * one, first an ADDED for each object there is.
   */
  watch(path: string, options?: { readonly resourceVersion?: string; readonly signal?: AbortSignal }): AsyncGenerator<WatchEvent>;
  /** Closes idle connections. */
  close(): void;
}

export function createClient(options: TransportOptions): ClusterClient {
  const transport = createTransport(options);
  const discovery = createDiscovery(transport);
  const must = async (method: string, path: string, sent: SendOptions = {}): Promise<JsonObject> => {
    let answer = await transport.send(method, path, sent);
    // So a server answers for a kind whose storage it is still making ready, and under load.
    while (answer.status === 429) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      answer = await transport.send(method, path, sent);
    }
    if (answer.status >= 300 || !isObject(answer.body)) throw new RequestRefused(method, path, answer);
    return answer.body;
  };
  const write = async (method: string, path: string, body: unknown, how: WriteOptions, contentType?: string): Promise<Resource> => {
    const query = { fieldManager: how.fieldManager, dryRun: how.dryRun ? "All" : undefined };
    const sent = { body, contentType: contentType ?? "application/json" };
    return (await must(method, `${path}${queryOf(query)}`, sent)) as Resource;
  };
  const get = async (reference: Reference): Promise<Resource | undefined> => {
    const path = await discovery.pathOf(reference);
    const answer = await transport.send("GET", path);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new RequestRefused("GET", path, answer);
    return answer.body as Resource;
  };
  return {
    discovery,
    get,
    async read(one) {
      const found = await get(one);
      if (!found) throw new Error(`there is no ${one.kind}`);
      return found;
    },
    request: (method, path, body, how = {}) => transport.send(method, path, { body, ...how }),
    async list(apiVersion, kind, namespace, query = {}) {
      const path = `${await discovery.pathOfAll(apiVersion, kind, namespace)}${queryOf(query)}`;
      const items = listOf(await must("GET", path), "items").filter(isObject);
      return items.map((item) => ({ ...item, apiVersion, kind }) as Resource);
    },
    async replace(object, how = {}) {
      return write("PUT", await discovery.pathOf(object, how.subresource), object, how);
    },
    async create(object, how = {}) {
      const { namespaced } = await discovery.kind(object.apiVersion, object.kind);
      const namespace = namespaced ? (object.metadata.namespace ?? "default") : undefined;
      return write("POST", await discovery.pathOfAll(object.apiVersion, object.kind, namespace), object, how);
    },
    async apply(object, how = {}) {
      const path = `${await discovery.pathOf(object, how.subresource)}${queryOf({
        fieldManager: how.fieldManager ?? "test",
        force: String(how.force ?? true),
        dryRun: how.dryRun ? "All" : undefined,
      })}`;
      return (await must("PATCH", path, { body: object, contentType: "application/apply-patch+yaml" })) as Resource;
    },
    async patch(reference, patch, how = {}) {
      const type = Array.isArray(patch) ? "application/json-patch+json" : "application/merge-patch+json";
      return write("PATCH", await discovery.pathOf(reference, how.subresource), patch, how, type);
    },
    async status(object, how = {}) {
      const path = await discovery.pathOf(object, "status");
      for (;;) {
        const live = await get(object);
        if (!live) throw new RequestRefused("PUT", path, { status: 404, body: { message: "no such object", reason: "NotFound" } });
        const body = { ...live, status: object["status"] };
        const answer = await transport.send("PUT", `${path}${queryOf({ fieldManager: how.fieldManager })}`, { body });
        if (answer.status < 300) return answer.body as Resource;
        if (answer.status !== 409) throw new RequestRefused("PUT", path, answer);
      }
    },
    async delete(reference, { propagation = "Background", grace } = {}) {
      const path = await discovery.pathOf(reference);
      const body = { propagationPolicy: propagation, ...(grace === undefined ? {} : { gracePeriodSeconds: grace }) };
      const answer = await transport.send("DELETE", path, { body });
      if (answer.status >= 300 && answer.status !== 404) throw new RequestRefused("DELETE", path, answer);
      return answer.status !== 404;
    },
    watch: (path, how = {}) => watchPath(transport, path, how),
    close: () => transport.close(),
  };
}

function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return given.length === 0 ? "" : `?${new URLSearchParams(Object.fromEntries(given))}`;
}
