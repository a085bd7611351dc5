import { describe, expect, test } from "vitest";
import type { KubeAnswer, KubeClient, KubeRequest } from "../../shared/kube/client.ts";
import { KubeError } from "../../shared/kube/errors.ts";
import { createKubeClient } from "../../shared/kube/https-client.ts";
import { DEFAULT_RETRIES, type RetryClock, type RetryPolicy, withRetries } from "../../shared/kube/retry.ts";
import { answer, kubeconfigFor, startPeer } from "./kube-peer.ts";

const OK: KubeAnswer = { status: 200, body: {}, bytes: 2 };
const refusal = (status: number, retryAfter?: number): KubeError =>
  new KubeError("x", { code: `Http${status}`, status, retryable: status >= 429, retryAfter });

interface World {
  readonly client: KubeClient;
  readonly pauses: number[];
  readonly tries: KubeRequest[];
}

/** A client that fails as given, then succeeds; every pause is told and takes no time, but on the clock. */
function world(failures: readonly unknown[], { policy = DEFAULT_RETRIES, random = 0.5, takes = 0 }: { policy?: RetryPolicy; random?: number; takes?: number } = {}): World {
  const pauses: number[] = [];
  const tries: KubeRequest[] = [];
  let time = 0;
  const clock: RetryClock = {
    now: () => time,
    random: () => random,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      pauses.push(milliseconds);
      time += milliseconds;
    },
  };
  const inner: KubeClient = {
    async request(request) {
      tries.push(request);
      time += takes;
      const error = failures[tries.length - 1];
      if (error !== undefined) throw error;
      return OK;
    },
    async *watch() {},
    close() {},
  };
  return { client: withRetries(inner, policy, clock), pauses, tries };
}

const get: KubeRequest = { method: "GET", path: "/" };

describe("retries", () => {
  test("double their pauses, varied by half", async () => {
    const four = [refusal(500), refusal(503), refusal(429), refusal(504)];
    const medium = world(four);
    expect(await medium.client.request(get)).toBe(OK);
    expect(medium.pauses).toEqual([100, 200, 400, 800]);
    expect(medium.tries).toEqual([get, get, get, get, get]);
    const least = world(four, { random: 0 });
    await least.client.request(get);
    expect(least.pauses).toEqual([50, 100, 200, 400]);
    const most = world(four, { random: 0.999_999 });
    await most.client.request(get);
    expect(most.pauses.map(Math.round)).toEqual([150, 300, 600, 1200]);
  });

  test("end after the last try with its error", async () => {
    const errors = [500, 500, 500, 500, 503].map((status) => refusal(status));
    const { client, tries } = world(errors);
    await expect(client.request(get)).rejects.toBe(errors[4]);
    expect(tries).toHaveLength(5);
  });

  test("do not follow what cannot succeed, or what is no answer of a server", async () => {
    for (const error of [refusal(409), refusal(404), new TypeError("a bug")]) {
      const { client, tries } = world([error]);
      await expect(client.request(get)).rejects.toBe(error);
      expect(tries).toHaveLength(1);
    }
  });

  test("wait at least as long as the server asks, not all equally long", async () => {
    const { client, pauses } = world([refusal(429, 3000), refusal(429, 0)]);
    await client.request(get);
    expect(pauses).toEqual([3050, 50]);
  });

  test("never wait longer than the limit: who is asked to gives up", async () => {
    const policy = { ...DEFAULT_RETRIES, longestDelay: 150 };
    const capped = world([refusal(500), refusal(500), refusal(500)], { policy });
    await capped.client.request(get);
    expect(capped.pauses).toEqual([100, 150, 150]);
    const near = world([refusal(429, 140)], { policy });
    await near.client.request(get);
    expect(near.pauses).toEqual([150]);
    const asked = world([refusal(429, 151)], { policy });
    await expect(asked.client.request(get)).rejects.toMatchObject({ retryAfter: 151 });
    expect(asked.pauses).toEqual([]);
  });

  test("end with the time that all tries have together", async () => {
    const { client, tries } = world([1, 2, 3, 4].map(() => refusal(0 + 503)), { takes: 30_000 });
    await expect(client.request(get)).rejects.toMatchObject({ status: 503 });
    expect(tries).toHaveLength(2);
  });

  test("end when the caller gives up: before a pause and during one", async () => {
    const aborted = world([refusal(500)]);
    await expect(aborted.client.request({ ...get, signal: AbortSignal.abort() })).rejects.toMatchObject({ status: 500 });
    expect(aborted.pauses).toEqual([]);
    const giveUp = new AbortController();
    const peer = await startPeer((_request, response) => {
      response.once("finish", () => setTimeout(() => giveUp.abort(), 500));
      answer(response, 503, {}, { "retry-after": "5" });
    });
    const client = withRetries(createKubeClient(kubeconfigFor(peer.url)));
    const began = performance.now();
    await expect(client.request({ ...get, signal: giveUp.signal })).rejects.toMatchObject({ status: 503 });
    expect(performance.now() - began).toBeLessThan(3000);
    expect(peer.heard).toHaveLength(1);
    client.close();
    await peer.close();
  });

  test("come on their own time as well", async () => {
    const peer = await startPeer((_request, response) => answer(response, peer.heard.length < 3 ? 503 : 200, {}));
    const client = withRetries(createKubeClient(kubeconfigFor(peer.url)), { ...DEFAULT_RETRIES, firstDelay: 5 });
    expect((await client.request(get)).status).toBe(200);
    expect(peer.heard).toHaveLength(3);
    client.close();
    await peer.close();
  });
});
