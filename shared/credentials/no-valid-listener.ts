/** No listener of any configuration matches what was asked for, or none that does has a public address. */
export class NoValidListener extends Error {
  readonly code = "NoValidListener";
  readonly retryable = true;

  constructor() {
    super("no valid listener found");
    this.name = "NoValidListener";
  }
}
