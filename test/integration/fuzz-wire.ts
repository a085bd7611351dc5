import { connect } from "node:net";
import * as fc from "fast-check";
import { expect } from "vitest";
import { type FuzzedEndpoint, requestsTo } from "./hardening-requests.ts";
import { PLANTED } from "./hardening-server.ts";

/** What is fuzzed. */
export interface FuzzTarget {
  readonly port: number;
  /** Everything that was logged. */
  log(): string;
  /** What went wrong inside. */
  readonly bugs: readonly unknown[];
}

/** Requests to each endpoint; .ci/full sends 100,000. */
export const REQUESTS = Number(process.env["FUZZ_REQUESTS"] || 2_000);
const SEED = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const AT_A_TIME = 24;
const CHUNK = 500;
/** Nobody waits this long for an answer to a request that has ended. Milliseconds. */
const PATIENCE = 30_000;

/**
 * Sends an endpoint so many requests, seeded: each is answered, none with a status of 500 or more, none with a secret, and no
 * secret is logged.
 * @returns how many were answered or cut off
 * @throws {Error} with the request that found something
 */
export async function fuzz(target: FuzzTarget, endpoint: FuzzedEndpoint, count: number): Promise<number> {
  process.stdout.write(`${endpoint.name}: ${count} requests, FUZZ_SEED=${SEED}\n`);
  const secrets = Object.values(PLANTED).filter((secret) => !endpoint.mayTell.includes(secret));
  const arbitrary = requestsTo(endpoint);
  const statuses = new Map<string, number>();
  for (let sent = 0; sent < count; sent += CHUNK) {
    const requests = fc.sample(arbitrary, { seed: SEED + sent, numRuns: Math.min(CHUNK, count - sent) });
    await inTurn(requests, async ({ bytes }, index) => {
      const answer = await send(target.port, bytes, sent + index);
      const wrong = fault(answer, secrets);
      if (wrong !== undefined) throw new Error(`${wrong}, on ${JSON.stringify(bytes.toString("latin1"))}: ${answer}`);
      const status = answer.slice(9, 12);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
  }
  expect(target.bugs).toEqual([]);
  process.stdout.write(`${endpoint.name}: ${JSON.stringify(Object.fromEntries([...statuses].sort()))}\n`);
  // Everything that is logged of them; nobody has a right to a secret in a log.
  const log = target.log();
  expect(Object.values(PLANTED).filter((secret) => log.includes(secret))).toEqual([]);
  return [...statuses.values()].reduce((sum, one) => sum + one, 0);
}

/** Sends bytes, says that there are no more, and returns all that is answered. */
function send(port: number, bytes: Buffer, number: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  // From many addresses, so that there are ports for all of them.
  const socket = connect({ port, host: "127.0.0.1", localAddress: `127.0.0.${2 + (number % 250)}`, allowHalfOpen: true }, () => socket.end(bytes));
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
