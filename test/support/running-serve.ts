import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { CLI } from "./cli.ts";

/** A `serve` of its own, as a user starts it. */
export interface RunningServe {
  readonly child: ChildProcess;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  /** Log lines so far, as JSON. */
  readonly lines: readonly string[];
  /** Resolves with the first log line, past or to come, that matches. */
  line(pattern: RegExp): Promise<string>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A process that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line to its end, without the environment's settings. */
export async function run(args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}): Promise<Ended> {
  const child = start(args, options.env);
  child.stdin.end(options.input ?? "");
  const [stdout, stderr, [code]] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, "close") as Promise<[number | null]>]);
  return { code, stdout, stderr };
}

/** Starts `serve` on a free port; resolves when it is ready, or listening where `ready` is false. */
export async function startServe(args: readonly string[], { env, ready = true }: { env?: Record<string, string>; ready?: boolean } = {}): Promise<RunningServe> {
  const child = start(["serve", "--config-discovery-address=127.0.0.1:0", ...args], env);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on("line", (written) => {
    lines.push(written);
    for (const look of waiting) look();
  });
  const errors = textOf(child.stderr);
  const ended = once(child, "exit").then(async ([code]) => {
    throw new Error(`serve ended with ${code}:\n${await errors}\n${lines.join("\n")}`);
  });
  ended.catch(() => undefined);

  function line(pattern: RegExp): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const look = (): void => {
      const found = lines.find((one) => pattern.test(one));
      if (found === undefined) return;
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    look();
    return Promise.race([promise, ended]);
  }

  const origin = /http:\/\/[^/]+/.exec(await line(/probes and metrics/))?.[0] ?? "";
  if (ready) await eventually(async () => (await fetch(`${origin}/readyz`)).ok);
  return {
    child,
    origin,
    lines,
    line,
    async stop(signal = "SIGTERM") {
      if (child.exitCode !== null) return child.exitCode;
      child.kill(signal);
      const [code] = (await once(child, "exit")) as [number | null];
      return code;
    },
  };
}

/** Asks again until the answer is yes. */
export async function eventually(ask: () => Promise<boolean> | boolean, milliseconds = 20_000): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await ask())) {
    if (performance.now() > end) throw new Error(`not within ${milliseconds} ms: ${ask.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A temporary directory with these files; `remove` clears it away. */
export async function directoryOf(files: Readonly<Record<string, string>>): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "stunner-test-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

function start(args: readonly string[], env: Record<string, string> = {}) {
  const { PATH = "", HOME = "", TMPDIR = tmpdir() } = process.env;
  return spawn(process.execPath, [CLI, ...args], { env: { PATH, HOME, TMPDIR, ...env }, stdio: ["pipe", "pipe", "pipe"] });
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += String(chunk);
  return all;
}
