import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on loopback that can be shut off. */
export interface Switchable {
  readonly origin: string;
  /** The status that everything is answered with; undefined: it works. */
  outage: number | undefined;
  /** Requests that changed something, by path. */
  readonly writes: string[];
  close(): Promise<void>;
}

/** Stands before a server, so that it can go away without losing what it has. */
export async function startGate(target: string): Promise<Switchable> {
  const { hostname, port } = new URL(target);
  const gate = { outage: undefined as number | undefined, writes: [] as string[] };
  const server = createServer((req, res) => {
    if (gate.outage !== undefined) return void res.writeHead(gate.outage, { "content-type": "application/json" }).end('{"error":{"code":503,"message":"down"}}');
    if (req.method !== "GET") gate.writes.push(`${req.method} ${req.url}`);
    const inner = request({ hostname, port, method: req.method, path: req.url, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(res);
    });
    inner.on("error", () => res.destroy());
    req.pipe(inner);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(gate, {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** Secret Manager on loopback (Secret Manager REST, projects.secrets.versions.access). */
export async function startSecrets(secrets: ReadonlyMap<string, string>): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server = createServer((req, res) => {
    const name = /^\/v1\/(projects\/[\w-]+\/secrets\/[\w-]+)\/versions\/latest:access$/.exec(req.url ?? "")?.[1] ?? "";
    const text = secrets.get(name);
    if (!req.headers.authorization?.startsWith("Bearer ")) return void res.writeHead(401).end('{"error":{"code":401,"status":"UNAUTHENTICATED"}}');
    if (text === undefined) return void res.writeHead(404).end('{"error":{"code":404,"status":"NOT_FOUND"}}');
    res.writeHead(200).end(JSON.stringify({ name: `${name}/versions/1`, payload: { data: Buffer.from(text).toString("base64") } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
