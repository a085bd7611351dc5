/** One ask for a pass over a cluster. */
export interface PassMessage {
  readonly cluster: string;
  /** The start number that the asker read: of the last pass that had begun then. 0: none had. */
  readonly start: number;
  /**
   * Absent: a pass is wanted. Else a second look, which comes late, and how often it has been put off: an event may have come
   * before the change that it tells of (DESIGN.md 4.4).
   */
  readonly look?: number;
}

/**
 * Messages to the function that passes. A second message with the same identity, which is cluster, start number and `look`,
 * is not delivered: that is how thousands of events become one pass.
 */
export interface PassQueue {
  /** @throws {CloudError} */
  send(message: PassMessage): Promise<void>;
}

/** How long a second look comes after the event, in seconds: the webhook tells before the change is stored. */
export const LOOK_DELAY_S = 5;

/**
 * What two messages have in common where one of them is enough.
 * @param now milliseconds since the epoch; while no pass has ever begun, one message a minute is let through
 */
export function identityOf({ cluster, start, look }: PassMessage, now: number): string {
  const number = start === 0 ? `0-${Math.floor(now / 60_000)}` : String(start);
  return `${cluster}:${number}${look === undefined ? "" : `:${look}`}`;
}
