/** What ends a command: one line on standard error and an exit code, never a stack trace. */
export class CommandFailure extends Error {
  readonly code = "CommandFailure";
  readonly retryable = false;
  readonly exitCode: number;

  constructor(message: string, exitCode = 2, cause?: unknown) {
    super(message, { cause });
    this.name = "CommandFailure";
    this.exitCode = exitCode;
  }
}

/** What the system says, without its call and path: "permission denied". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return REASONS.get(code) ?? error.message;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["EACCES", "permission denied"],
  ["EADDRINUSE", "the port is in use"],
  ["EADDRNOTAVAIL", "the address is not one of this machine"],
  ["ENOENT", "no such file or directory"],
  ["ENOSPC", "no space left"],
  ["ENOTDIR", "not a directory"],
  ["ENOTFOUND", "the host name is not known"],
  ["EPERM", "not permitted"],
  ["EROFS", "the file system is read-only"],
]);
