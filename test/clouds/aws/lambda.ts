import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { placeOf } from "../server.ts";

/** One function: a zip that was unpacked, run by instances that come and go. */
export interface Lambda {
  /** Invokes it and waits, after those that wait already: an instance does one thing at a time. @throws {FunctionError} */
  invoke(event: unknown): Promise<unknown>;
  /** Ends the instance, in the middle of what it does; the next invocation begins another one. */
  kill(): Promise<void>;
  /** Its lines of JSON, of all instances. */
  lines(): readonly Readonly<Record<string, unknown>>[];
  /** How many instances there were. */
  instances(): number;
  close(): Promise<void>;
}

/** The function did not answer. */
export class FunctionError extends Error {}

export interface LambdaOptions {
  /** Where the zip was unpacked. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds for each invocation. */
  readonly timeout: number;
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly answered: PromiseWithResolvers<unknown>;
  deadline: number;
}

/** What Lambda tells every function of itself (Lambda, "Defined runtime environment variables"). */
const DESCRIBED = {
  AWS_LAMBDA_FUNCTION_NAME: "function", AWS_LAMBDA_FUNCTION_VERSION: "$LATEST", AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512", AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/function",
  AWS_LAMBDA_LOG_STREAM_NAME: "stream",
};

/** Lambda's side of the Runtime API. Between invocations an instance is frozen (SIGSTOP), and one that is late is killed. */
export async function startLambda({ directory, env, timeout }: LambdaOptions): Promise<Lambda> {
  const queue: Invocation[] = [];
  let current: Invocation | undefined;
  let waiting: ServerResponse | undefined;
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let started = 0;
  let output = "";

  function start(): void {
    started += 1;
    const fixed = { PATH: process.env["PATH"] ?? "", AWS_LAMBDA_RUNTIME_API: api, LAMBDA_TASK_ROOT: directory, _HANDLER: "index.handler", ...DESCRIBED };
    const one = spawn(process.execPath, [placeOf("aws-lambda-ric"), "index.handler"], { env: { ...fixed, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    child = one;
    for (const stream of [one.stdout, one.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
    one.once("exit", () => {
      if (child === one) child = undefined;
      waiting = undefined;
      settle((invocation) => invocation.answered.reject(new FunctionError("the instance ended")));
    });
  }

  function dispatch(): void {
    if (current !== undefined || queue.length === 0) return;
    if (child === undefined) start();
    if (waiting === undefined) return;
    current = queue.shift();
    if (current === undefined) return;
    child?.kill("SIGCONT");
    current.deadline = Date.now() + timeout;
    timer = setTimeout(() => child?.kill("SIGKILL"), timeout);
    waiting.writeHead(200, { "Lambda-Runtime-Aws-Request-Id": current.id, "Lambda-Runtime-Deadline-Ms": String(current.deadline), "Content-Type": "application/json" });
    waiting.end(JSON.stringify(current.event));
    waiting = undefined;
  }

  function settle(how: (invocation: Invocation) => void): void {
    clearTimeout(timer);
    if (current) how(current);
    current = undefined;
    dispatch();
  }

  const server = createServer(async (req, res) => {
    const path = (req.url ?? "").replace("/2018-06-01/runtime/", "");
    if (path === "invocation/next") {
      waiting = res;
      if (queue.length === 0) child?.kill("SIGSTOP");
      return dispatch();
    }
    const body = await text(req);
    res.writeHead(202).end("{}");
    if (path.endsWith("/response")) return settle(({ answered }) => answered.resolve(JSON.parse(body)));
    const { errorMessage = "unknown" } = JSON.parse(body) as { errorMessage?: string };
    if (path === "init/error") for (const one of queue.splice(0)) one.answered.reject(new FunctionError(errorMessage));
    settle(({ answered }) => answered.reject(new FunctionError(errorMessage)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const api = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  async function kill(): Promise<void> {
    const ended = child && once(child, "exit");
    child?.kill("SIGKILL");
    await ended;
  }

  const onExit = (): void => void child?.kill("SIGKILL");
  process.once("exit", onExit);

  return {
    invoke(event) {
      const invocation = { id: randomUUID(), event, answered: Promise.withResolvers<unknown>(), deadline: 0 };
      queue.push(invocation);
      dispatch();
      return invocation.answered.promise;
    },
    kill,
    lines: () => output.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>),
    instances: () => started,
    async close() {
      process.removeListener("exit", onExit);
      await kill();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
