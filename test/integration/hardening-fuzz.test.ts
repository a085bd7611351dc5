import { connect } from "node:net";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchange, plain } from "./cds-harness.ts";
import { ENDPOINTS, requestsTo } from "./hardening-requests.ts";
import { type HardServer, PLANTED, startHard } from "./hardening-server.ts";

/** Requests to each endpoint; .ci/full sends 100,000. */
const REQUESTS = Number(process.env["FUZZ_REQUESTS"] ?? 2_000);
const SEED = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const AT_A_TIME = 24;
const CHUNK = 500;
/** Nobody waits this long for an answer to a request that has ended. Milliseconds. */
const PATIENCE = 30_000;

let running: HardServer;
beforeAll(async () => {
  running = await startHard({ connectionsPerAddress: 1_000_000 });
});
afterAll(() => running.stop());

/** Sends bytes, says that there are no more, and returns all that is answered. */
function send(bytes: Buffer, number: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  // From many addresses, so that there are ports for all of them.
  const socket = connect({ port: running.port, host: "127.0.0.1", localAddress: `127.0.0.${2 + (number % 250)}`, allowHalfOpen: true }, () => socket.end(bytes));
  const timer = setTimeout(() => {
    socket.destroy();
    reject(new Error(`no end of the answer to ${JSON.stringify(bytes.toString("latin1"))}`));
  }, PATIENCE);
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearTimeout(timer);
    resolve(Buffer.concat(chunks).toString("latin1"));
  });
  socket.on("end", () => socket.destroy());
  return promise;
}

/** What is wrong with an answer, if anything. */
function fault(answer: string, secrets: readonly string[]): string | undefined {
  const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
  if (statuses.some((status) => status >= 500)) return `a status ${statuses.join(", ")}`;
  const told = secrets.find((secret) => answer.includes(secret));
  return told === undefined ? undefined : `the answer has ${told}`;
}

describe(`${REQUESTS} requests to`, () => {
  it.each(ENDPOINTS.map((endpoint) => [endpoint.name, endpoint] as const))("%s: none breaks it, and none finds a secret", { timeout: 60_000 + REQUESTS * 20 }, async (name, endpoint) => {
    process.stdout.write(`${name}: ${REQUESTS} requests, FUZZ_SEED=${SEED}\n`);
    const secrets = Object.values(PLANTED).filter((secret) => !endpoint.mayTell.includes(secret));
    const arbitrary = requestsTo(endpoint);
    const statuses = new Map<string, number>();
    for (let sent = 0; sent < REQUESTS; sent += CHUNK) {
      const requests = fc.sample(arbitrary, { seed: SEED + sent, numRuns: Math.min(CHUNK, REQUESTS - sent) });
      await inTurn(requests, async ({ bytes }, index) => {
        const answer = await send(bytes, sent + index);
        const wrong = fault(answer, secrets);
        if (wrong !== undefined) throw new Error(`${wrong}, on ${JSON.stringify(bytes.toString("latin1"))}: ${answer}`);
        const status = answer.slice(9, 12);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      });
    }
    expect(running.bugs).toEqual([]);
    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(REQUESTS);
    process.stdout.write(`${name}: ${JSON.stringify(Object.fromEntries([...statuses].sort()))}\n`);
    expect((await exchange(running.port, plain("/healthz"))).status).toBe(200);
    // Everything that is logged of them; nobody has a right to a secret in a log.
    const log = running.log();
    expect(Object.values(PLANTED).filter((secret) => log.includes(secret))).toEqual([]);
  });
});

/** A few at a time, in their order. */
async function inTurn<T>(all: readonly T[], work: (one: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      while (next < all.length) {
        const index = next;
        next += 1;
        const one = all[index];
        if (one !== undefined) await work(one, index);
      }
    }),
  );
}
