import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A server of the test cluster ended, or never got ready. The message has the end of its log. */
export class ProgramFailed extends Error {
  readonly code = "ProgramFailed";
  /** A port may have been taken in the meantime: another start, with other ports, may succeed. */
  readonly retryable = true;

  constructor(name: string, what: string, log: string) {
    super(`${name} ${what}:\n${log}`);
    this.name = "ProgramFailed";
  }
}

/** A running server. */
export interface Program {
  readonly name: string;
  /**
   * Waits until `check` says yes, asked every few milliseconds. Who fails to get ready is ended.
   * @throws {ProgramFailed} where the server ends first, or `limit` milliseconds pass
   */
  ready(check: () => Promise<boolean>, limit: number): Promise<void>;
  /** Ends the server at once; done when it is gone. */
  stop(): Promise<void>;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Where `<name>.log` is written. */
  readonly directory: string;
  /** Whether `directory` is removed when the server is gone. */
  readonly cleans?: boolean;
}

const GUARD = join(import.meta.dirname, "guard.sh");
const POLL = 20;

/** Starts a server that does not outlive this process, however this process ends. */
export function startProgram(name: string, { command, args, directory, cleans = false }: ProgramOptions): Program {
  const path = join(directory, `${name}.log`);
  const log = openSync(path, "a");
  const child = spawn(GUARD, [cleans ? directory : "", command, ...args], { stdio: ["pipe", log, log], detached: true });
  closeSync(log);
  const pipe = child.stdin;
  pipe?.on("error", () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`did not start (${error.message})`));
    child.once("exit", (code, signal) => resolve(`ended with ${signal ?? code}`));
  });
  let end: string | undefined;
  void ended.then((how) => (end = how));
  const stop = async (): Promise<void> => {
    pipe?.end();
    await ended;
  };
  const fail = async (what: string): Promise<never> => {
    const failure = new ProgramFailed(name, what, tail(path));
    await stop();
    throw failure;
  };
  return {
    name,
    stop,
    async ready(check, limit) {
      const deadline = Date.now() + limit;
      while (!(await check())) {
        if (end !== undefined) await fail(end);
        if (Date.now() > deadline) await fail(`was not ready after ${limit} ms`);
        await new Promise((resolve) => setTimeout(resolve, POLL));
      }
    },
  };
}

function tail(path: string): string {
  return (existsSync(path) ? readFileSync(path, "utf8") : "").trimEnd().split("\n").slice(-12).join("\n");
}
