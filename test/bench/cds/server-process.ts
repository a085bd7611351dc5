/** The CDS server of the benchmark, in a process of its own, driven over IPC; see `ServerProcess`. */
import { createServer } from "node:http";
import { createCds } from "../../../shared/cds/server.ts";
import { MemorySource } from "../../integration/cds-source.ts";
import type { Order, Reply } from "./server.ts";

const source = new MemorySource();
const cds = createCds({ source });
const server = createServer((req, res) => cds.handle(req, res));
server.on("upgrade", (req, socket, head) => cds.upgrade(req, socket, head));
server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  const address = server.address();
  reply({ port: typeof address === "object" && address !== null ? address.port : 0 });
});

process.on("message", (order: Order) => {
  const at = process.hrtime.bigint();
  source.set(order.set);
  const spent = Number(process.hrtime.bigint() - at) / 1e6;
  globalThis.gc?.();
  reply({ at: String(at), spent, resident: process.memoryUsage.rss(), stats: cds.stats() });
});

function reply(value: Reply): void {
  process.send?.(value);
}
