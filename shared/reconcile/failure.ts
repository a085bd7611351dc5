import type { Report } from "./report.ts";

/** What of a failure goes into the report: errors of ours as they are; of a bug only that it is one. */
export function toReportError(error: unknown): NonNullable<Report["error"]> {
  if (isOurs(error)) return { code: error.code, message: error.message };
  return { code: "Bug", message: "something unforeseen went wrong; the log has the details" };
}

/** Every error class of this project says whether trying again may help; errors of Node and of libraries do not. */
export function isOurs(error: unknown): error is Error & { code: string; retryable: boolean } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && "retryable" in error;
}
