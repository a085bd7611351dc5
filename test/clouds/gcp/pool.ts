import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Instance } from "./function.ts";

/** Instances that are given one request at a time each, as Cloud Run does with a concurrency of one; further requests wait. */
export interface Pool {
  readonly origin: string;
  /** From now on these are given requests. Those before must have none. */
  use(instances: readonly Instance[]): void;
  close(): Promise<void>;
}

export async function startPool(): Promise<Pool> {
  let idle: Instance[] = [];
  const waiting: ((instance: Instance) => void)[] = [];

  async function pass(req: IncomingMessage): Promise<{ status: number; body: Buffer }> {
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part as Buffer);
    const instance = idle.shift() ?? (await new Promise<Instance>((resolve) => waiting.push(resolve)));
    try {
      const answer = await fetch(instance.origin + (req.url ?? "/"), { method: "POST", headers: headersOf(req), body: Buffer.concat(parts) });
      return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
    } catch {
      return { status: 503, body: Buffer.alloc(0) };
    } finally {
      add(instance);
    }
  }

  function add(instance: Instance): void {
    const next = waiting.shift();
    if (next) next(instance);
    else idle.push(instance);
  }

  const server = createServer((req, res) => {
    void pass(req).then(({ status, body }) => res.writeHead(status).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    use: (instances) => void (idle = [...instances]),
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name === "content-type" || name === "authorization" || name.startsWith("x-"));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
