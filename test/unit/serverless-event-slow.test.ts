import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { eventWebhook } from "../../infra/webhook/webhook.ts";
import { deriveToken } from "../../shared/access/token.ts";
import { eventPath } from "../../shared/events/event-path.ts";
import { createEventHandler } from "../../shared/serverless/handle-event.ts";
import { createS3Store } from "../../shared/store/s3.ts";
import { parseS3Url } from "../../shared/store/s3-location.ts";
import { AWS_TEST_CREDENTIALS } from "../support/versitygw.ts";
import { KEYS, post, testCloud } from "./serverless-support.ts";

const reviews = JSON.parse(readFileSync(join(import.meta.dirname, "events/recorded/reviews.json"), "utf8")) as Record<string, object>;
const token = deriveToken(KEYS.current, { purpose: "events", cluster: "c" });
const PATH = eventPath({ cluster: "c", token });
const { webhooks: [webhook] } = eventWebhook({ url: "https://events.example.com", ca: "", cluster: "c", token, secrets: false }) as { readonly webhooks: readonly { readonly timeoutSeconds: number }[] };
/** Milliseconds after which an API server goes on by itself. */
const PATIENCE = (webhook?.timeoutSeconds ?? 0) * 1000;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A bucket whose server takes every request and answers none. */
async function hanging() {
  const asked: string[] = [];
  let ended = 0;
  const server = createServer((req) => {
    asked.push(req.url ?? "");
    req.on("close", () => (ended += 1));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => (server.closeAllConnections(), server.close()));
  const url = parseS3Url(`s3://bucket?region=us-east-1&endpoint=http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const store = createS3Store(url, { credentials: { get: async () => AWS_TEST_CREDENTIALS, drop: () => undefined } });
  return { store, asked, ended: () => ended };
}

async function timed<T>(run: Promise<T>): Promise<{ answer: T; took: number }> {
  const before = performance.now();
  return { answer: await run, took: performance.now() - before };
}

test.each(["warn", "deny", "off"])("with a store that hangs and admission %s no write is kept waiting until the API server gives up, and each is let through", async (mode) => {
  const { store, asked, ended } = await hanging();
  const handler = createEventHandler(testCloud({ STUNNER_ADMISSION: mode }, store).context);
  // The renderer is loaded once.
  await handler.answer(post(PATH, reviews["gateway-create"]));
  const { answer, took } = await timed(Promise.all([1, 2, 3].map(async () => handler.answer(post(PATH, reviews["gateway-create"])))));
  for (const one of answer) {
    expect(one.status).toBe(200);
    expect(JSON.parse(one.body)).toMatchObject({ response: { allowed: true } });
    expect(one.body).not.toContain("warnings");
  }
  expect(took).toBeLessThan(PATIENCE);
  expect(ended()).toBe(0);
  await expect.poll(() => asked.length).toBeGreaterThan(0);
});
