/**
 * The object store that a control plane keeps its results in (DESIGN.md 4.2). Entity tags are opaque. A key is a
 * relative path of segments `[A-Za-z0-9._-]+`, never `.` or `..`.
 * @throws {StoreError} every method, where the store cannot do it; `retryable` tells whether trying again may help.
 */
export interface ObjectStore {
  get(key: string, options?: { ifNoneMatch?: string }): Promise<GetResult>;
  /**
   * @param options `ifNoneMatch: "*"` creates only; `ifMatch` replaces only what has that tag; neither: replaces.
   * @throws {PreconditionFailed} another writer was faster
   */
  put(key: string, body: Uint8Array, options?: { ifMatch?: string; ifNoneMatch?: "*" }): Promise<{ etag: string }>;
  /**
   * Deleting what is absent is no error, unless `ifMatch` asks for a version of it and the store can tell (S3 may not).
   * @throws {PreconditionFailed} another writer was faster
   */
  delete(key: string, options?: { ifMatch?: string }): Promise<void>;
  /** Milliseconds that should pass between two writes of one object; absent: none. */
  readonly writePause?: number;
  /** All objects whose key starts with `prefix`, ascending by key. */
  list(prefix: string): Promise<ListedObject[]>;
  /**
   * Where present: calls back, soon, for writes and deletes made through this very instance, possibly for deletes of what
   * was absent. Returns how to stop.
   */
  onChange?(listener: (key: string) => void): () => void;
}

export type GetResult =
  | { readonly status: "found"; readonly body: Uint8Array; readonly etag: string }
  | { readonly status: "not-modified" }
  | { readonly status: "absent" };

export interface ListedObject {
  readonly key: string;
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}
