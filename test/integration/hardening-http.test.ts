import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { MAX_EVENT_BYTES } from "../../shared/events/decode.ts";
import { exchange, handshake, plain, until, Wire } from "./cds-harness.ts";
import { type HardServer, PLANTED, startHard } from "./hardening-server.ts";

let running: HardServer;
afterEach(() => running.stop());

const CONFIG = "/api/v1/configs/ns/a";
const EVENTS = `/v1/clusters/one/events/${PLANTED.events}`;
const REVIEW = JSON.stringify({ apiVersion: "audit.k8s.io/v1", kind: "EventList", items: [] });
const bearer = (token: string): string[] => [`Authorization: Bearer ${token}`];
const JSON_BODY = ["Content-Type: application/json"];

function post(path: string, body: string | Buffer, headers: readonly string[] = JSON_BODY): Buffer {
  return Buffer.concat([Buffer.from(plain(path, "POST", [...headers, `Content-Length: ${Buffer.byteLength(body)}`])), Buffer.from(body)]);
}

describe("every endpoint", () => {
  const cases: [string, string | Buffer, number][] = [
    ["a config without a token", plain(CONFIG), 401],
    ["a watch without a token", handshake(`${CONFIG}?watch=true`), 401],
    ["a list with the token of a Gateway", plain("/api/v1/configs", "GET", bearer(PLANTED.config)), 403],
    ["an API key at a config", plain(CONFIG, "GET", bearer(PLANTED.apiKey)), 401],
    ["an unknown page", plain("/nothing"), 404],
    ["an unknown cluster", plain("/c/two/api/v1/configs"), 401],
    ["a config by POST", plain(CONFIG, "POST"), 405],
    ["a config with a body", `${plain(CONFIG, "POST", ["Content-Length: 3"])}abc`, 413],
    ["metrics without a token", plain("/metrics"), 401],
    ["metrics with the token of a Gateway", plain("/metrics", "GET", bearer(PLANTED.config)), 403],
    ["metrics by DELETE", plain("/metrics", "DELETE"), 405],
    ["a probe with a body", `${plain("/healthz", "GET", ["Content-Length: 3"])}abc`, 413],
    ["events at another path", post("/v1/clusters/one", REVIEW), 404],
    ["events of a cluster with an odd name", post(`/v1/clusters/..%2fone/events/${PLANTED.events}`, REVIEW), 404],
    ["events with a wrong token", post("/v1/clusters/one/events/x", REVIEW), 403],
    ["events with the operator's token", post(`/v1/clusters/one/events/${PLANTED.operator}`, REVIEW), 403],
    ["events of an unknown cluster", post(`/v1/clusters/two/events/${PLANTED.events}`, REVIEW), 403],
    ["events by GET", plain(EVENTS), 405],
    ["events of another type", post(EVENTS, REVIEW, ["Content-Type: text/plain"]), 415],
    ["events in another encoding", post(EVENTS, REVIEW, [...JSON_BODY, "Content-Encoding: br"]), 415],
    ["events that are too large", post(EVENTS, "x".repeat(MAX_EVENT_BYTES + 1)), 413],
    ["events that are none", post(EVENTS, "{}"), 422],
    ["events that are no JSON", post(EVENTS, "{"), 400],
    ["events that are no gzip", post(EVENTS, REVIEW, [...JSON_BODY, "Content-Encoding: gzip"]), 400],
    ["credentials without a key", plain("/ice?service=turn"), 401],
    ["credentials with the token of a Gateway", plain("/?service=turn", "GET", bearer(PLANTED.config)), 403],
    ["credentials by POST", plain("/ice?service=turn", "POST"), 405],
    ["credentials with a body", `${plain("/ice?service=turn", "GET", ["Content-Length: 3"])}abc`, 413],
    ["an expectation", plain("/healthz", "GET", ["Expect: miracles"]), 417],
    ["headers that are too long", plain("/healthz", "GET", [`X-Long: ${"x".repeat(20_000)}`]), 431],
    ["what is no HTTP", "\u0016\u0003\u0001\r\n\r\n", 400],
  ];

  it.each(cases)("answers %s with the error object and its status", async (_what, bytes, status) => {
    running = await startHard();
    const answer = await exchange(running.port, bytes);
    expect(answer.status).toBe(status);
    const told = JSON.parse(answer.body) as { code: number; message: string };
    expect(told).toEqual({ code: status, message: expect.stringMatching(/^[A-Za-z0-9]/) });
    const head = answer.head.toLowerCase();
    expect(head).toContain("content-type: application/json");
    expect(head).toContain("x-content-type-options: nosniff");
    expect(head).toContain("cache-control: no-store");
    expect(head).not.toMatch(/^(server|x-powered-by):/m);
    expect([head.includes("www-authenticate: bearer"), head.includes("\nallow: ")]).toEqual([status === 401, status === 405]);
    expect(running.bugs).toEqual([]);
  });

  it("answers a right request with the same headers", async () => {
    running = await startHard();
    for (const [bytes, status] of [[plain(CONFIG, "GET", bearer(PLANTED.config)), 200], [plain("/metrics", "GET", bearer(PLANTED.operator)), 200], [plain("/healthz"), 200], [post(EVENTS, REVIEW), 202], [plain("/ice?service=turn", "GET", bearer(PLANTED.apiKey)), 200]] as const) {
      const answer = await exchange(running.port, bytes);
      expect([answer.status, answer.head.toLowerCase()]).toEqual([status, expect.stringContaining("x-content-type-options: nosniff")]);
      expect(answer.head).toMatch(/^Cache-Control: .*no-store/m);
    }
  });
});

describe("events in gzip", () => {
  const gzip = [...JSON_BODY, "Content-Encoding: gzip"];

  it("are read", async () => {
    running = await startHard();
    expect(await exchange(running.port, post(EVENTS, gzipSync(REVIEW), gzip))).toMatchObject({ status: 202 });
  });

  it("are not unpacked beyond the limit: 1 GiB in 1 MiB", async () => {
    running = await startHard();
    // Members of gzip one after another are one text (RFC 1952, 2.2).
    const member = gzipSync(Buffer.alloc(8 * 1024 * 1024, " "), { level: 9 });
    const bomb = Buffer.concat(Array.from({ length: 128 }, () => member));
    expect(bomb.length).toBeLessThan(MAX_EVENT_BYTES);
    const before = process.memoryUsage().arrayBuffers;
    expect(await exchange(running.port, post(EVENTS, bomb, gzip))).toMatchObject({ status: 413 });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });
});

describe("events at a time", () => {
  it("beyond the limit are answered 429, and are taken again later", async () => {
    running = await startHard({}, { atATime: 1 });
    const slow = await Wire.open(running.port);
    slow.send(plain(EVENTS, "POST", [...JSON_BODY, `Content-Length: ${REVIEW.length}`]).replace("Connection: close", "Expect: 100-continue"));
    expect(await slow.head()).toContain("100 Continue");
    const refused = await exchange(running.port, post(EVENTS, REVIEW));
    expect([refused.status, refused.head.includes("Retry-After: 1")]).toEqual([429, true]);
    expect(await slow.send(REVIEW).head()).toMatch(/^HTTP\/1\.1 202 /);
    slow.socket.destroy();
    expect(await exchange(running.port, post(EVENTS, REVIEW))).toMatchObject({ status: 202 });
  });
});

describe("who asks before sending a body", () => {
  it("is told to go on only where one is read", async () => {
    running = await startHard();
    const wire = await Wire.open(running.port);
    wire.send(plain(CONFIG, "POST", ["Content-Length: 1000000", "Expect: 100-continue"]));
    expect((await wire.read()).toString()).toMatch(/^HTTP\/1\.1 413 /);
  });
});

async function open(): Promise<Socket> {
  const socket = connect(running.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

describe("connections", () => {
  it("of one address are limited", async () => {
    running = await startHard({ connectionsPerAddress: 3 });
    const kept = [await open(), await open(), await open()];
    const refused = await open();
    refused.resume();
    await once(refused, "close");
    kept[0]?.destroy();
    let status = 0;
    while (status !== 200) ({ status } = await exchange(running.port, plain("/healthz")));
    expect(status).toBe(200);
    for (const socket of kept) socket.destroy();
  });

  it("of all addresses are limited", async () => {
    running = await startHard({ connections: 1 });
    const kept = await open();
    const refused = await open();
    refused.resume();
    await once(refused, "close");
    expect(kept.destroyed).toBe(false);
    kept.destroy();
  });

  it.each([
    ["say nothing", "", 408],
    ["dawdle with their headers", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", 408],
    ["dawdle with their body", plain(EVENTS, "POST", [...JSON_BODY, "Content-Length: 100"]), 408],
  ])("that %s are ended", async (_what, bytes, status) => {
    running = await startHard({ headersTime: 100, requestTime: 200, checkTime: 50 });
    const socket = await open();
    socket.write(bytes);
    const drip = setInterval(() => socket.write("x"), 20);
    if (bytes === "") clearInterval(drip);
    const answer = await text(socket);
    clearInterval(drip);
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
  });
});

describe("upgrades", () => {
  it("to anything but WebSocket are answered as if nobody had asked", async () => {
    running = await startHard();
    const answer = await exchange(running.port, plain("/ice?service=turn", "GET", bearer(PLANTED.apiKey)).replace("Connection: close", "Connection: Upgrade, close\r\nUpgrade: h2c"));
    expect(answer.status).toBe(200);
  });
});

describe("the access log", () => {
  it("has one line for each request, and no secret", async () => {
    running = await startHard();
    const { port } = running;
    await exchange(port, plain(`${CONFIG}?node=n1&token=${PLANTED.config}`, "GET", bearer(PLANTED.config)));
    await exchange(port, handshake(`/c/one${CONFIG}?watch=true&node=${PLANTED.password}`));
    await exchange(port, post(EVENTS, REVIEW));
    await exchange(port, plain(`/ice?service=turn&key=${PLANTED.apiKey}`));
    await exchange(port, plain(`/${PLANTED.operator}`));
    await exchange(port, plain(`/v1/clusters/${PLANTED.events}/events/x/y`));
    await until(() => running.entries.length === 6);
    expect(running.entries.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      "GET /api/v1/configs/ns/a?node=n1 200",
      "GET /c/one/api/v1/configs/ns/a?watch=true 401",
      "POST /v1/clusters/one/events/… 202",
      "GET /ice 200",
      "GET … 404",
      "GET /v1/clusters/…/events/… 404",
    ]);
    expect(running.entries[0]).toMatchObject({ client: "127.0.0.1", milliseconds: expect.any(Number) });
    for (const secret of Object.values(PLANTED)) expect(running.log()).not.toContain(secret);
  });
});
