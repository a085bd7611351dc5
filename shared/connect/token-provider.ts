/** Bearer tokens for a cluster's API server, which expire. */
export interface ClusterTokens {
  /**
   * One that is valid for a while; kept until shortly before its end.
   * @throws {CloudError} none can be had
   */
  get(): Promise<string>;
  /** The API server refused this one (401): another is made at the next use. */
  drop(token: string): void;
}
