/** A queue that cannot be used. The message says what is accepted. */
export class InvalidQueue extends Error {
  readonly code = "invalid-queue";
  readonly retryable = false;

  constructor(message: string) {
    super(message);
    this.name = "InvalidQueue";
  }
}
