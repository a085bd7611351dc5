import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchange, plain } from "./cds-harness.ts";
import { fuzz, REQUESTS } from "./fuzz-wire.ts";
import { ENDPOINTS } from "./hardening-requests.ts";
import { type HardServer, startHard } from "./hardening-server.ts";

let running: HardServer;
beforeAll(async () => {
  running = await startHard({ connectionsPerAddress: 1_000_000 });
});
afterAll(() => running.stop());

describe(`${REQUESTS} requests to serve's`, () => {
  it.each(ENDPOINTS.map((endpoint) => [endpoint.name, endpoint] as const))("%s: none breaks it, and none finds a secret", { timeout: 60_000 + REQUESTS * 20 }, async (_name, endpoint) => {
    expect(await fuzz(running, endpoint, REQUESTS)).toBe(REQUESTS);
    expect((await exchange(running.port, plain("/healthz"))).status).toBe(200);
  });
});
