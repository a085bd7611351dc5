import { fork } from "node:child_process";
import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import type { CdsStats } from "../../../shared/cds/stats.ts";

/** Configurations to set, or where undefined delete, in one change. */
export interface Order {
  readonly set: Readonly<Record<string, string>>;
}

export interface Done {
  /** When the change was made, in nanoseconds of the monotonic clock. */
  readonly at: string;
  /** Milliseconds that the server was busy with it at once. */
  readonly spent: number;
  /** Bytes of the resident set, after a garbage collection. */
  readonly resident: number;
  readonly stats: CdsStats;
}

export type Reply = Done | { readonly port: number };

/** A CDS server in a process of its own. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(): Promise<ServerProcess> {
    const child = fork(new URL("server-process.ts", import.meta.url), { execArgv: ["--expose-gc"] });
    const [first]: { port: number }[] = await once(child, "message");
    return new ServerProcess(child, first?.port ?? 0);
  }

  /** Makes one change; without configurations, only measures. */
  async set(set: Order["set"] = {}): Promise<Done> {
    const reply = Promise.withResolvers<Done>();
    this.#child.once("message", (done: Done) => reply.resolve(done));
    this.#child.once("exit", (code) => reply.reject(new Error(`the server process ended with ${code}`)));
    this.#child.send({ set });
    const done = await reply.promise;
    this.#child.removeAllListeners("exit");
    return done;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }
}
