/** What a CDS server counts since its start. */
export interface CdsStats {
  /** Connections that watch now. */
  watchers: number;
  /** Connections that ever watched. */
  accepted: number;
  /** Plain requests answered, refused ones and refused watches included. */
  answered: number;
  /** Configurations sent to watchers, deletions included. */
  pushed: number;
  /** Connections cut because they did not read. */
  slow: number;
  /** Connections cut because they gave no sign of life. */
  silent: number;
  /** Connections closed because their token opens nothing any more. */
  revoked: number;
  /** Connections cut because of what they sent. */
  noisy: number;
  /** Connections closed because of their age. */
  aged: number;
}

export function newStats(): CdsStats {
  return { watchers: 0, accepted: 0, answered: 0, pushed: 0, slow: 0, silent: 0, revoked: 0, noisy: 0, aged: 0 };
}
