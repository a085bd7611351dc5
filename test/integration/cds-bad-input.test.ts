import assert from "node:assert/strict";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configText } from "./cds-source.ts";
import { Watch, Wire, clientFrame, exchange, handshake, plain, run, until } from "./cds-harness.ts";
import type { Running } from "./cds-harness.ts";

let running: Running;
/** A well-behaved watcher that must not notice anything. */
let bystander: Watch;

beforeEach(async () => {
  running = await run({ limits: { closing: 200 } });
  bystander = await Watch.open(running.port, "/api/v1/configs/ns/a?watch=true");
});

afterEach(async () => {
  const before = await bystander.soFar();
  running.source.set({ "ns/a": configText("ns/a") });
  assert.deepEqual([...before, await bystander.next()], [configText("ns/a")]);
  await until(() => running.cds.stats().watchers === 1);
  await running.stop();
});

const WATCH = "/api/v1/configs/ns/b?watch=true";

async function watching(): Promise<Wire> {
  const wire = await Wire.open(running.port);
  expect(await wire.send(handshake(WATCH)).head()).toMatch(/^HTTP\/1\.1 101 /);
  return wire;
}

describe("names like paths", () => {
  it.each([
    ["/api/v1/configs/../../../../etc/passwd", 404],
    ["/api/v1/configs/ns/..", 404],
    ["/api/v1/configs/..%2f..%2fetc%2fpasswd", 404],
    ["/api/v1/configs/ns/%2e%2e%2fgw", 404],
    ["/api/v1/configs/ns/gw%00", 404],
    ["/api/v1/configs/ns/%ff%fe%fd", 404],
    ["/api/v1/configs/ns/%", 400],
    ["/api/v1/configs/ns/%zz", 400],
    [`/api/v1/configs/ns/${"a".repeat(8_000)}`, 404],
  ])("%s is answered %i, plain or as a watch", async (target, status) => {
    expect((await exchange(running.port, plain(target))).status).toBe(status);
    expect((await exchange(running.port, handshake(`${target}?watch=true`))).status).toBe(status);
  });

  it("names that JavaScript objects have", async () => {
    for (const name of ["constructor", "valueof"]) {
      expect((await exchange(running.port, plain(`/api/v1/configs/${name}/${name}`))).status).toBe(404);
      expect((await exchange(running.port, plain(`/api/v1/configs/${name}`))).body).toBe('{"items":[],"version":"v1"}\n');
    }
  });

  it("bytes that are not ASCII", async () => {
    const bytes = Buffer.from(plain("/api/v1/configs/ns/\u00ff\u00c3"), "latin1");
    expect([400, 404]).toContain((await exchange(running.port, bytes)).status);
  });
});

describe("requests", () => {
  it("with oversized headers are answered 431", async () => {
    for (const headers of [[`X-Long: ${"x".repeat(100_000)}`], Array.from({ length: 3_000 }, (_, index) => `X-${index}: y`)]) {
      expect((await exchange(running.port, plain("/api/v1/configs", "GET", headers))).status).toBe(431);
      expect((await exchange(running.port, handshake(WATCH, headers))).status).toBe(431);
    }
  });

  it.each([
    "\0\0\0\0\r\n\r\n",
    "GET\r\n\r\n",
    "\u0016\u0003\u0001\u0002\u0000\u0001",
    "BREW /api/v1/configs HTTP/1.1\r\n\r\n",
    "GET /api HTTP/9.9\r\n\r\n",
  ])("that are not HTTP are answered 400 (%j)", async (bytes) => {
    expect((await exchange(running.port, bytes)).status).toBe(400);
  });

  it("of other methods, with a body, are answered 405", async () => {
    const { status, body } = await exchange(running.port, `${plain("/api/v1/configs", "POST", ["Content-Length: 5"])}hello`);
    expect([status, body]).toEqual([405, '{"code":405,"message":"Only GET is answered here"}\n']);
  });

  it("that never end keep nobody else waiting", async () => {
    const wires = await Promise.all(Array.from({ length: 50 }, () => Wire.open(running.port)));
    for (const wire of wires) wire.send("GET /api/v1/configs HTTP/1.1\r\nX-Slow: ");
    expect((await exchange(running.port, plain("/api/v1/configs"))).status).toBe(200);
    for (const wire of wires) wire.socket.destroy();
  });
});

describe("handshakes", () => {
  it.each([
    ["version 12", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 12", /unsupported version/],
    ["version 8", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", /unsupported version/],
    ["no version", "Sec-WebSocket-Version: 13\r\n", "", /unsupported version/],
    ["no key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", /Sec-WebSocket-Key/],
    ["a bad key", "dGhlIHNhbXBsZSBub25jZQ==", "short", /Sec-WebSocket-Key/],
    ["another protocol", "Upgrade: websocket", "Upgrade: h2c", /not using the websocket protocol/],
  ])("with %s are answered 400", async (_, good, bad, message) => {
    const { status, head, body } = await exchange(running.port, handshake(WATCH).replace(good, bad));
    expect(status).toBe(400);
    expect(head).toMatch(/^Content-Type: text\/plain/m);
    expect(head).toMatch(/^Sec-WebSocket-Version: 13$/m);
    expect(body).toMatch(message);
  });

  it("with subprotocols that make no sense are answered 400", async () => {
    expect((await exchange(running.port, handshake(WATCH, ["Sec-WebSocket-Protocol: a,,b b,"]))).status).toBe(400);
  });

  it("of another path or method", async () => {
    expect((await exchange(running.port, handshake("/elsewhere?watch=true"))).status).toBe(404);
    expect((await exchange(running.port, handshake(WATCH).replace("GET", "DELETE"))).status).toBe(405);
    expect((await exchange(running.port, handshake("/api/v1/configs?watch=perhaps"))).status).toBe(400);
  });

  it("in a flood that goes away at once leave nothing behind", async () => {
    const wires = await Promise.all(Array.from({ length: 500 }, () => Wire.open(running.port)));
    for (const [index, wire] of wires.entries()) {
      wire.send(handshake(index % 3 === 0 ? "/api/v1/configs?watch=maybe" : WATCH));
      if (index % 2 === 0) wire.socket.resetAndDestroy();
      else wire.socket.end();
    }
    await until(() => running.cds.stats().watchers === 1);
    expect(running.cds.stats().noisy).toBe(0);
  });

  it("behind a request that is not answered yet end the connection", async () => {
    for (const target of [WATCH, "/api/v1/license", "/elsewhere"]) {
      const first = plain("/api/v1/configs").replace("Connection: close", "Connection: keep-alive");
      const wire = await Wire.open(running.port);
      expect((await wire.send(first + handshake(target)).read()).toString()).not.toContain("HTTP/1.1 101");
    }
    expect(running.cds.stats().accepted).toBe(1);
  });

  it("on a connection that was used before are as good as any", async () => {
    const wire = await Wire.open(running.port);
    const first = plain("/api/v1/configs").replace("Connection: close", "Connection: keep-alive");
    expect((await wire.send(first).read((bytes) => bytes.includes("items"))).toString()).toMatch(/^HTTP\/1\.1 200 /);
    expect(await wire.send(handshake(WATCH)).head()).toMatch(/^HTTP\/1\.1 101 /);
    wire.socket.destroy();
  });

  it("whose answer is never read", async () => {
    const wire = await Wire.open(running.port);
    wire.socket.pause();
    wire.send(handshake("/api/v1/configs/ns/none")).socket.resetAndDestroy();
    expect((await exchange(running.port, plain("/api/v1/license"))).status).toBe(200);
  });
});

describe("frames that break the protocol end that connection with the fitting code", () => {
  const long = Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
  it.each<[string, Buffer, number]>([
    ["unmasked", Buffer.from([0x81, 0x02, 0x68, 0x69]), 1002],
    ["a reserved opcode", clientFrame(0x3, "x"), 1002],
    ["reserved bits", Buffer.from([0xf1, 0x80, 0, 0, 0, 0]), 1002],
    ["a continuation of nothing", clientFrame(0x0, "x"), 1002],
    ["a ping in pieces", Buffer.from([0x09, 0x80, 0, 0, 0, 0]), 1002],
    ["a ping that is too long", Buffer.from([0x89, 0xfe, 0, 200, 0, 0, 0, 0]), 1002],
    ["a close frame with half a code", clientFrame(0x8, "x"), 1002],
    ["a close frame with a forbidden code", clientFrame(0x8, Buffer.from([0x03, 0xed])), 1002],
    ["a message announced as 1 TiB", long, 1009],
    ["a message of 4,097 bytes", Buffer.from([0x82, 0xfe, 0x10, 0x01, 1, 2, 3, 4]), 1009],
    ["an HTTP request", Buffer.from(plain("/api/v1/configs")), 1002],
  ])("%s", async (_, bytes, code) => {
    const wire = await watching();
    const answer = await wire.send(bytes).read((read) => read.length >= 4);
    expect([answer[0], answer.readUInt16BE(2)]).toEqual([0x88, code]);
    // The client says no more; the server waits for `limits.closing` and ends the connection.
    await wire.read();
    expect(running.cds.stats().noisy).toBe(1);
  });
});

describe("what is allowed but of no interest", () => {
  it("texts, binaries, pieces and pongs are ignored", async () => {
    const wire = await watching();
    const pieces = Buffer.concat([Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x61]), clientFrame(0x9, "between"), clientFrame(0x0, "b")]);
    const texts = [clientFrame(0x1, "hello"), clientFrame(0x1, Buffer.from([0xff, 0xfe]))];
    for (const bytes of [...texts, clientFrame(0x2, "\0\xff"), pieces, clientFrame(0xa)]) wire.send(bytes);
    wire.send(clientFrame(0x9, "last"));
    const pongs = await wire.read((bytes) => bytes.includes("last"));
    expect(pongs.toString("latin1")).toBe("\u008a\u0007between\u008a\u0004last");
    wire.socket.destroy();
  });

  it("but not without end", async () => {
    const wire = await watching();
    wire.send(Buffer.concat(Array.from({ length: 1_001 }, () => clientFrame(0x1, "chatter"))));
    await wire.read();
    expect(running.cds.stats()).toMatchObject({ noisy: 1, pushed: 0 });
  });
});

describe("storms", () => {
  it("of pings end the connection that they come from", async () => {
    const wire = await watching();
    wire.send(Buffer.concat(Array.from({ length: 50_000 }, () => clientFrame(0x9, "storm"))));
    const answer = await wire.read();
    expect(answer.length).toBeLessThanOrEqual(1_000 * 7);
    expect(running.cds.stats().noisy).toBe(1);
  });

  it("of random bytes after the handshake", async () => {
    const noises = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 300 }), { numRuns: 300, seed: 20_240_601 });
    const wires = await Promise.all(noises.map(() => watching()));
    for (const [index, wire] of wires.entries()) wire.send(Buffer.from(noises[index] ?? [])).socket.end();
    await until(() => running.cds.stats().watchers === 1);
    expect(running.cds.stats().noisy).toBeGreaterThan(0);
  });
});
