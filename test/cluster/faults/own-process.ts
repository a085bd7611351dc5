import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { CLI } from "../../support/cli.ts";

/** The real program, as a user runs it. */
export interface OwnProcess {
  /** Without waiting: `SIGKILL`, `SIGSTOP`, `SIGCONT`, … */
  signal(name: NodeJS.Signals): void;
  /** What it has written so far. */
  output(): string;
  /** Resolves with its exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** Starts the command line without the environment's settings, and with others. */
export function startOwnProcess(args: readonly string[], env: Readonly<Record<string, string>> = {}): OwnProcess {
  const { PATH = "", HOME = "", TMPDIR = tmpdir() } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], { env: { PATH, HOME, TMPDIR, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  return {
    signal: (name) => void child.kill(name),
    output: () => output,
    ended: once(child, "close").then(([code]) => code as number | null),
  };
}
