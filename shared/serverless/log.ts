import { isOurs } from "../reconcile/failure.ts";

const LEVELS = ["debug", "info", "warn", "error", "fatal"] as const;
export type Level = (typeof LEVELS)[number];
export type Fields = Readonly<Record<string, unknown>>;

/** Tells people, and the filters that make metrics of lines. No secrets. */
export type FunctionLog = Readonly<Record<"debug" | "info" | "warn" | "error", (message: string, fields?: Fields) => void>>;

/** Cloud Logging's words (LogSeverity); CloudWatch takes `level` as it is. */
const SEVERITY: Readonly<Record<Level, string>> = { debug: "DEBUG", info: "INFO", warn: "WARNING", error: "ERROR", fatal: "CRITICAL" };

/** One line of JSON each, as both clouds read them. @param write by default to standard output */
export function createFunctionLog(least: Level, write: (line: string) => void = (line) => void process.stdout.write(line)): FunctionLog {
  const teller = (level: Level) => (message: string, { err, ...fields }: Fields = {}): void => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    write(`${JSON.stringify({ level, severity: SEVERITY[level], message, ...fields, ...(err === undefined ? {} : { error: describe(err) }) })}\n`);
  };
  return { debug: teller("debug"), info: teller("info"), warn: teller("warn"), error: teller("error") };
}

/** What is ours says everything in code and message; of what was not foreseen it takes the stack to find out. */
function describe(error: unknown): Fields {
  if (isOurs(error)) return { code: error.code, message: error.message };
  if (error instanceof Error) return { code: "Bug", message: error.message, stack: error.stack };
  return { code: "Bug", message: String(error) };
}
