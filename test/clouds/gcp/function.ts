import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { freePorts } from "../../cluster/ports.ts";

/** One instance of a function: a process with the real functions framework and a bundle. */
export interface Instance {
  readonly port: number;
  readonly origin: string;
  /** What it has written, all of it. */
  output(): string;
  /** Its lines of JSON. */
  lines(): readonly Readonly<Record<string, unknown>>[];
  /** Sends SIGTERM, as the platform does. @returns the exit code, undefined where a signal ended it */
  terminate(): Promise<number | undefined>;
  kill(): Promise<void>;
}

export interface InstanceOptions {
  /** Where the bundle is: `<out>/gcp/<name>`. */
  readonly source: string;
  readonly target: string;
  readonly env: Readonly<Record<string, string>>;
}

const FRAMEWORK = createRequire(import.meta.url).resolve("@google-cloud/functions-framework").replace(/index\.js$/, "main.js");

/** Starts an instance as Google's buildpack does: `functions-framework` with FUNCTION_TARGET, PORT and nothing of this environment. */
export async function startInstance({ source, target, env }: InstanceOptions): Promise<Instance> {
  const [port = 0] = await freePorts(1);
  const fixed = { PATH: process.env["PATH"] ?? "", NODE_ENV: "production", FUNCTION_TARGET: target, PORT: String(port), FUNCTION_SOURCE: source, K_SERVICE: target };
  const child = spawn(process.execPath, [FRAMEWORK], { env: { ...fixed, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
  const onExit = (): void => void child.kill("SIGKILL");
  process.once("exit", onExit);
  await untilListening(child, port, () => output);
  const end = async (signal: NodeJS.Signals): Promise<number | undefined> => {
    process.removeListener("exit", onExit);
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? undefined;
    child.kill(signal);
    const [code]: unknown[] = await once(child, "exit");
    return typeof code === "number" ? code : undefined;
  };
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    output: () => output,
    lines: () => output.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>),
    terminate: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
  };
}

/** By a connection without a request: the first request is the test's. */
async function untilListening(child: ChildProcess, port: number, output: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the function ended with ${child.exitCode}:\n${output()}`);
    const socket = connect(port, "127.0.0.1");
    const isOpen = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
