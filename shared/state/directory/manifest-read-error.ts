/** A path that was given could not be read at all: it is missing, or access is denied. */
export class ManifestReadError extends Error {
  override readonly name = "ManifestReadError";
  readonly code = "MANIFEST_UNREADABLE";
  /** A missing path may come, an access right may be given: the next pass tries again. */
  readonly retryable = true;
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`${path}: ${readFailureWords(cause)}`, { cause });
    this.path = path;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "access denied; the process needs the right to read it",
  EPERM: "access denied; the process needs the right to read it",
  ELOOP: "symbolic links that lead in a circle",
  EMFILE: "too many open files",
  EISDIR: "is a directory",
};

/** Why a file could not be read, by the code of the system's error. */
export function readFailureWords(cause: unknown): string {
  const code = errorCode(cause);
  return WORDS[code] ?? `cannot be read (${code})`;
}

/** The code of a system error, `ENOENT`. */
export function errorCode(cause: unknown): string {
  const code = (cause as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "unknown error";
}
