/** What every failure of an object store has in common. */
export class StoreError extends Error {
  /** Stable, for programs; the message is for people. */
  readonly code: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;

  constructor(message: string, details: { code: string; retryable: boolean; cause?: unknown }) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.retryable = details.retryable;
  }
}

/** A conditional write or delete met another version than it asked for. Read again, then decide anew. */
export class PreconditionFailed extends StoreError {
  constructor(key: string) {
    super(`${key}: another writer was faster`, { code: "precondition-failed", retryable: false });
  }
}

/** A key or prefix that some store could not hold, or that would leave the store. */
export class InvalidKey extends StoreError {
  constructor(key: string, problem: string) {
    super(`invalid object key ${JSON.stringify(key.slice(0, 200))}: ${problem}`, { code: "invalid-key", retryable: false });
  }
}

/** A store URL that cannot be used; the message says what is accepted and never repeats credentials. */
export class InvalidStoreUrl extends StoreError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: "invalid-store-url", retryable: false, cause });
  }
}

/** The store did not do what it was asked to: disk full, no permission, no connection. */
export class StoreUnavailable extends StoreError {
  constructor(message: string, details: { retryable: boolean; cause: unknown }) {
    super(message, { code: "store-unavailable", ...details });
  }
}

/** Other writers held the lock of an object for too long, or this one was stopped for so long that it lost it. */
export class StoreLocked extends StoreError {
  constructor(message: string) {
    super(message, { code: "store-locked", retryable: true });
  }
}
