import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FunctionsHost, startFunctions } from "./functions-host.ts";
import { fuzz, REQUESTS } from "./fuzz-wire.ts";
import { ENDPOINTS } from "./hardening-requests.ts";

/** Functions have no probes. */
const ANSWERED = ENDPOINTS.filter(({ name }) => name !== "probes and metrics");

let running: FunctionsHost;
beforeAll(async () => {
  running = await startFunctions();
});
afterAll(() => running.close());

describe(`${REQUESTS} requests to the functions'`, () => {
  it.each(ANSWERED.map((endpoint) => [endpoint.name, endpoint] as const))("%s: none breaks it, and none finds a secret", { timeout: 60_000 + REQUESTS * 20 }, async (_name, endpoint) => {
    expect(await fuzz(running, endpoint, REQUESTS)).toBe(REQUESTS);
  });
});
