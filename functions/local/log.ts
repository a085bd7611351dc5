import { pino } from "pino";
import type { Logger } from "pino";
import pretty from "pino-pretty";
import type { Settings } from "../../shared/settings.ts";

export type { Logger } from "pino";

/** Logs to standard output: for people on a terminal, else as JSON. Synchronous, so that the last line is never lost. */
export function createLog({ logLevel, logFormat }: Pick<Settings, "logLevel" | "logFormat">): Logger {
  const forPeople = logFormat === "console" || (logFormat === "auto" && process.stdout.isTTY);
  const base = { level: logLevel, base: null };
  if (!forPeople) return pino({ ...base, formatters: { level: (label) => ({ level: label }) } }, pino.destination({ dest: 1, sync: true }));
  // A stream and no transport: transports are worker threads, which a bundle has no file for.
  // `pass` is for programs: its line says it in words.
  return pino(base, pretty({ colorize: process.stdout.isTTY === true, sync: true, ignore: "pid,hostname,pass", translateTime: "SYS:HH:MM:ss.l" }));
}
