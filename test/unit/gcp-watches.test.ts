import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createWatchCds } from "../../functions/gcp/watch-cds.ts";
import { watchersPerToken } from "../../functions/gcp/watch-limits.ts";
import { publish } from "../../shared/cds/publish.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { publication, rendered } from "../integration/publish-support.ts";
import { configToken, operatorToken, testCloud } from "./serverless-support.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** @returns how to watch a Gateway with a token: the status of the handshake */
async function start(env: Record<string, string>): Promise<(id: string, token?: string) => Promise<number>> {
  const store = createMemoryStore();
  await publish(store, publication({}, { configs: rendered({ "ns/a": "one", "ns/b": "one" }, "u") }));
  const cds = createWatchCds(testCloud(env, store).context, { least: 60_000, most: 60_000 });
  const server = createServer((req, res) => void cds.handle(req, res)).on("upgrade", (req, socket, head) => void cds.upgrade(req, socket, head));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(async () => new Promise((resolve) => server.close(resolve)), () => cds.close());
  return async (id, token = configToken(id, `u-${id}`)) => {
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/c/c/api/v1/configs/${id}?watch=true`;
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
    const answered = new Promise<number>((resolve, reject) => {
      socket.on("open", () => resolve(101));
      socket.on("unexpected-response", (request, { statusCode = 0 }: IncomingMessage) => (request.destroy(), resolve(statusCode)));
      socket.on("error", reject);
    });
    return answered;
  };
}

test("one token takes at most four fifths of what an instance of Google Cloud holds: the rest is for others", async () => {
  const watch = await start({ STUNNER_WATCHES_PER_INSTANCE: "5" });
  const statuses: number[] = [];
  for (let count = 0; count < 5; count += 1) statuses.push(await watch("ns/a"));
  expect(statuses).toEqual([101, 101, 101, 101, 429]);
  expect(await watch("ns/a", operatorToken("c"))).toBe(101);
  expect(await watch("ns/b")).toBe(101);
});

test.each([["250", 200], ["1000", 800], ["1", 1], [undefined, 200], ["many", 200]])("of %s at once that is %i", (text, most) => {
  expect(watchersPerToken(text === undefined ? {} : { STUNNER_WATCHES_PER_INSTANCE: text })).toBe(most);
});
