/** One request to an API server. */
export interface KubeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute path, segments escaped: `/api/v1/namespaces/default/services/x`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** By default `application/json`; `application/apply-patch+yaml` for a server-side apply. */
  readonly contentType?: string;
  /** By default `application/json`; another media type of JSON where less is wanted, such as metadata alone. */
  readonly accept?: string;
  /** Makes the body of the bytes of an answer that is no refusal; by default they are parsed as JSON. @throws {SyntaxError} */
  readonly parse?: ((bytes: Buffer) => unknown) | undefined;
  /** Milliseconds until the request counts as failed; by default 30,000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Awaited each time before the request is sent; where it rejects, nothing is sent, and that is the failure. */
  readonly permit?: (() => Promise<void>) | undefined;
}

export interface KubeAnswer {
  readonly status: number;
  /** The parsed JSON: whole objects, no field lost. */
  readonly body: unknown;
  /** Bytes of the body as it came over the wire, decompressed. */
  readonly bytes: number;
}

/**
 * An API server, authenticated. Answers are raw JSON, since typed clients lose fields (DESIGN.md 5).
 */
export interface KubeClient {
  /** @throws {KubeError} where the status is 400 or more, or there is no answer */
  request(request: KubeRequest): Promise<KubeAnswer>;
  /**
   * Lines of a watch, as they come, until the server ends it or `signal` aborts.
   * @throws {KubeError} where the status is 400 or more, or the connection breaks
   */
  watch(request: Pick<KubeRequest, "path" | "query" | "accept" | "signal">): AsyncIterable<unknown>;
  /** Closes idle connections. */
  close(): void;
}
