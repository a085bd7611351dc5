/** 2,000 pods with delivery pull that ask one `serve` over TLS every 2 s, each with tag and token, before, during and after a change (issue 5). */
import { setTimeout } from "node:timers/promises";
import { figure } from "./measure.ts";
import { AS_THE_SCRIPT, PullClient } from "./tls/pull-client.ts";
import { startSecureServe } from "./tls/secure-serve.ts";

const CLIENTS = Number(process.env["CLIENTS"] ?? 2_000);
const PERIOD = 2_000;
const GATEWAYS = 64;
/** Milliseconds that are measured: three polls of each client, where the machine keeps up. */
const WINDOW = 3 * PERIOD;
/** Polls in a second that the issue asks for. */
const RATE = (CLIENTS / PERIOD) * 1000;

const serve = await startSecureServe(GATEWAYS);
await run("connections as the rendered script makes them", AS_THE_SCRIPT);
await run("connections that are kept", [Infinity]);
await serve.stop();

/** @param lasting polls that each connection lasts, in turn */
async function run(how: string, lasting: readonly number[]): Promise<void> {
  const clients = Array.from({ length: CLIENTS }, (_, n) => {
    const of = n % GATEWAYS;
    return new PullClient(serve.port, `/c/default/api/v1/configs/media/gw-${of}?node=node-${n}`, serve.secure(of), lasting, n);
  });
  const statuses = new Map<number, number>();
  const over = new AbortController();
  const began = performance.now();
  const served = new Set<PullClient>();
  const lives = clients.map(async (client, n) => {
    await setTimeout((n * PERIOD) / CLIENTS);
    for (let due = performance.now(); !over.signal.aborted; ) {
      const { status } = await client.poll().catch(() => ({ status: 0 }));
      if (status !== 0) served.add(client);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      due = Math.max(due + PERIOD, performance.now());
      await setTimeout(Math.max(1, due - performance.now()));
    }
  });
  // Every one has a tag by now, and the first pass has read what is there.
  await setTimeout(PERIOD);
  while (served.size < CLIENTS) await setTimeout(50);

  process.stdout.write(`${how}:\n`);
  await measured("while nothing changes", () => undefined, 0);
  await measured("with a change of one Gateway", () => serve.edit(0, 4000 + Math.floor(performance.now() - began) % 1000), Math.ceil(CLIENTS / GATEWAYS));
  await measured("with a change of all", () => {
    for (let n = 0; n < GATEWAYS; n += 1) serve.edit(n, 5000 + (Math.floor(performance.now() - began) % 1000));
  }, CLIENTS);
  over.abort();
  await Promise.all(lives);
  for (const client of clients) client.leave();

  /** @param most polls that may be answered with a configuration */
  async function measured(when: string, change: () => void, most: number): Promise<void> {
    statuses.clear();
    const start = performance.now();
    const before = await serve.measure();
    change();
    await setTimeout(WINDOW);
    const after = await serve.measure();
    const polls = count(statuses);
    const seconds = (performance.now() - start) / 1000;
    const [cpu, reads] = [after.cpu - before.cpu, after.reads - before.reads];
    figure(`${when}: polls in a second`, polls / seconds, "polls");
    figure(`${when}: CPU of the server for ${RATE} polls in a second`, (cpu / polls) * RATE / 1000, "cores", 0.5);
    figure(`${when}: polls that got the configuration`, statuses.get(200) ?? 0, "polls", most);
    figure(`${when}: polls answered neither 200 nor 304`, polls - (statuses.get(200) ?? 0) - (statuses.get(304) ?? 0), "polls", 0);
    figure(`${when}: config objects read from the store`, reads, "objects", most === 0 ? 0 : 2 * GATEWAYS + GATEWAYS);
  }
}

function count(statuses: ReadonlyMap<number, number>): number {
  return [...statuses.values()].reduce((sum, one) => sum + one, 0);
}
