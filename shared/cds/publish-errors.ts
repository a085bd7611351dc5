/** What the failures of publishing and of following what is published have in common. */
export class PublishError extends Error {
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

/** A later pass has published; what this one rendered is out of date. */
export class StaleFence extends PublishError {
  constructor(key: string, fence: number, published: number) {
    super(`${key} was published with fence ${published}: the pass with fence ${fence} came too late and changed nothing`, {
      code: "stale-fence",
      retryable: false,
    });
  }
}

/** The index belongs to another cluster of the same name (DESIGN.md 2). */
export class OtherCluster extends PublishError {
  constructor(key: string, uid: string, published: string) {
    super(
      `${key} belongs to the cluster whose kube-system namespace has the UID ${published}, and this one has ${uid}. Nothing was ` +
        "published. Delete the index if the cluster was made anew, or give this one another name",
      { code: "other-cluster", retryable: false },
    );
  }
}

/** The index cannot be understood, so nobody can tell what must be kept: nothing is published or collected over it. */
export class CorruptIndex extends PublishError {
  constructor(key: string, problem: string, cause?: unknown) {
    super(
      `${key} is not a valid index (${problem}). What is served stays as it is. Restore it, or delete it: ` +
        "the next pass then publishes everything anew",
      { code: "corrupt-index", retryable: false, cause },
    );
  }
}

/** The table of node addresses cannot be understood. */
export class CorruptNodes extends PublishError {
  constructor(key: string, cause: unknown) {
    super(`${key} is not a table of node addresses; the known ones stay, and the next pass writes it anew`, {
      code: "corrupt-nodes",
      retryable: true,
      cause,
    });
  }
}

/** Config objects that the index names are absent or have another content. */
export class DamagedConfigs extends PublishError {
  constructor(keys: readonly string[]) {
    const more = keys.length > 3 ? ` and ${keys.length - 3} more` : "";
    super(`${keys.slice(0, 3).join(", ")}${more}: absent or damaged; what was served before stays until it is published anew`, {
      code: "damaged-configs",
      retryable: true,
    });
  }
}

/** There is no index any more although there was one. */
export class IndexGone extends PublishError {
  constructor(key: string) {
    super(`${key} is gone; what was served before stays until it is published anew`, { code: "index-gone", retryable: true });
  }
}

/** The index is older than one that was seen before: a stale copy, or a backup that was restored. */
export class OlderIndex extends PublishError {
  constructor(key: string, generation: number, served: number) {
    super(
      `${key} has generation ${generation}, older than ${served}, which is served and stays. If an old index was restored on ` +
        "purpose, restart this server",
      { code: "older-index", retryable: true },
    );
  }
}

/** Other writers moved the object again and again. */
export class Contended extends PublishError {
  constructor(key: string, cause: unknown) {
    super(`${key} was changed by others at every attempt`, { code: "contended", retryable: true, cause });
  }
}
