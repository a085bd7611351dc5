import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAsker } from "../../shared/queue/asker.ts";
import { lookAgain } from "../../shared/queue/look.ts";
import type { PassMessage } from "../../shared/queue/pass-queue.ts";
import { createSqsQueue } from "../../shared/queue/sqs.ts";
import { noteStart } from "../../shared/queue/start.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { consume, makeQueues, openQueues } from "../clouds/moto-queues.ts";
import { type CloudServer, withServer } from "../clouds/server.ts";
import { startMoto } from "../support/moto.ts";
import { AWS_TEST_CREDENTIALS } from "../support/versitygw.ts";
import { range } from "./store-bodies.ts";

withServer("moto", () => {
  describe("the queue on SQS FIFO of moto", () => {
    let server: CloudServer;
    beforeAll(async () => {
      server = await startMoto();
    });
    afterAll(() => server.stop());

    /** A cluster whose passes take a while; every one sees what was stored when it loaded. */
    async function setUp(name: string, passMilliseconds: number, delay = 1) {
      const queues = await makeQueues(server, name, delay);
      const store = createMemoryStore();
      const stored = new Set<number>();
      const seen = new Set<number>();
      const received: PassMessage[] = [];
      let passes = 0;
      const pass = async (message: PassMessage): Promise<void> => {
        received.push(message);
        await noteStart(store, "c", Date.now());
        passes += 1;
        for (const one of stored) seen.add(one);
        await sleep(passMilliseconds);
      };
      return { queues, store, stored, seen, received, pass, passes: () => passes };
    }

    test("10,000 events of 100 instances are at most five passes, and none is lost", async () => {
      const { queues, store, stored, seen, received, pass, passes } = await setUp("many", 2_500);
      let isOver = false;
      const consumer = consume(server, queues.queueUrl, pass, () => isOver && seen.size === 10_000);
      await Promise.all(range(100).map(async (instance) => {
        const { ask } = createAsker({ store, queue: openQueues(queues), now: Date.now });
        for (const event of range(100)) {
          stored.add(instance * 100 + event);
          await ask("c", false);
        }
      }));
      isOver = true;
      await consumer;
      expect(seen.size).toBe(10_000);
      expect(passes()).toBeLessThanOrEqual(5);
      // Each start is followed by one message at the most.
      expect(new Set(received.map(({ start }) => start)).size).toBe(received.length);
    });

    test("instances that remember nothing are folded by SQS itself", async () => {
      const { queues, store, stored, seen, pass, passes } = await setUp("fresh", 2_500);
      let isOver = false;
      const consumer = consume(server, queues.queueUrl, pass, () => isOver && seen.size === 200);
      await Promise.all(range(10).map(async (one) => {
        for (const event of range(20)) {
          stored.add(one * 20 + event);
          await createAsker({ store, queue: openQueues(queues), now: Date.now }).ask("c", false);
        }
      }));
      isOver = true;
      await consumer;
      expect(passes()).toBeLessThanOrEqual(5);
    });

    test("a change that is stored after its event is found by the second look", async () => {
      // One second is five, so that the test is short.
      const began = Date.now();
      const now = (): number => began + (Date.now() - began) * 5;
      const { queues, store, stored, seen, received } = await setUp("early", 0);
      const pass = async (message: PassMessage): Promise<void> => {
        received.push(message);
        await noteStart(store, "c", now());
        for (const one of stored) seen.add(one);
        stored.add(1);
      };
      const queue = openQueues(queues, now);
      const isOver = (): boolean => seen.size > 0;
      const looks: string[] = [];
      const consumers = [
        consume(server, queues.queueUrl, pass, isOver),
        consume(server, queues.lookUrl, async (message) => void looks.push(await lookAgain(message, { store, queue, now })), isOver),
      ];
      const { ask } = createAsker({ store, queue, now });
      await Promise.all(range(50).map(() => ask("c", true)));
      await Promise.all(consumers);
      expect([...seen]).toEqual([1]);
      expect(received).toHaveLength(2);
      expect(looks.at(-1)).toBe("asked");
    });

    test("a queue that is not there is told of with AWS's word", async () => {
      const url = `${server.origin}/123456789012/missing.fifo`;
      const credentials = { get: async () => AWS_TEST_CREDENTIALS, drop: () => undefined };
      const queue = createSqsQueue({ queueUrl: url, lookUrl: url, region: "us-east-1", credentials });
      await expect(queue.send({ cluster: "c", start: 1 })).rejects.toMatchObject({
        code: "QueueDoesNotExist", retryable: false, message: "cannot send a message for cluster c to SQS: QueueDoesNotExist (HTTP 400)",
      });
    });
  });
});
