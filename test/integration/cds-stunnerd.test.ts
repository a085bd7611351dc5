import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configText } from "./cds-source.ts";
import { Wire, clientFrame, plain, run } from "./cds-harness.ts";
import type { Running } from "./cds-harness.ts";

let running: Running;

beforeEach(async () => {
  running = await run();
});

afterEach(() => running.stop());

/** The request of stunnerd 1.2.1, header for header as recorded in spec/cds.md 3.1. */
function recorded(host: string, query = "?node=node-a&watch=true"): string {
  return [
    `GET /api/v1/configs/ns1/gw1${query} HTTP/1.1`,
    `Host: ${host}`,
    "User-Agent: Go-http-client/1.1",
    "Connection: Upgrade",
    `Origin: http://${host}${query}`,
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "Upgrade: websocket",
    "",
    "",
  ].join("\r\n");
}

/** The answer of RFC 6455, 1.3, to its own example key, with the three headers of the upstream and no other. */
const SWITCHED =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

const text = configText("ns1/gw1");
const pushed = Buffer.concat([Buffer.from([0x81, 126, text.length >> 8, text.length & 255]), Buffer.from(text)]);

describe("the bytes of stunnerd", () => {
  it.each([
    ["with a node", "127.0.0.1:13478", "?node=node-a&watch=true"],
    ["without a node", "127.0.0.1:13478", "?watch=true"],
    ["with the default origin", ":13478", "?watch=true"],
  ])("%s", async (_, host, query) => {
    running.source.set({ "ns1/gw1": text });
    const wire = await Wire.open(running.port);
    wire.send(recorded(host, query));
    const answer = await wire.read((bytes) => bytes.length >= SWITCHED.length + pushed.length);
    expect(answer.toString("latin1")).toBe(SWITCHED + pushed.toString("latin1"));
    wire.socket.destroy();
  });

  it.each([["http://evil.example"], ["null"], ["%%%"], ["http://127.0.0.1"]])("are taken with the origin %s too", async (origin) => {
    const wire = await Wire.open(running.port);
    wire.send(recorded("cds").replace(/^Origin: .*$/m, `Origin: ${origin}`));
    expect(await wire.head()).toBe(SWITCHED);
    wire.socket.destroy();
  });

  it("its pings are answered at once, each with what it carries, also in the first packet", async () => {
    const wire = await Wire.open(running.port);
    wire.send(Buffer.concat([Buffer.from(recorded("cds")), clientFrame(0x9, "keepalive")]));
    const pong = Buffer.concat([Buffer.from([0x8a, 9]), Buffer.from("keepalive")]).toString("latin1");
    const first = await wire.read((bytes) => bytes.length >= SWITCHED.length + pong.length);
    expect(first.toString("latin1")).toBe(SWITCHED + pong);
    for (let round = 0; round < 3; round += 1) {
      wire.send(clientFrame(0x9, "keepalive"));
      expect((await wire.read((bytes) => bytes.length >= pong.length)).toString("latin1")).toBe(pong);
    }
    wire.socket.destroy();
  });

  it("its close frame is answered, and the connection ended", async () => {
    const wire = await Wire.open(running.port);
    await wire.send(recorded("cds")).head();
    wire.send(clientFrame(0x8));
    expect((await wire.read()).toString("hex")).toBe("8800");
  });

  it("the one request of a load", async () => {
    running.source.set({ "ns1/gw1": text });
    const wire = await Wire.open(running.port);
    const answer = await wire.send(plain("/api/v1/configs/ns1/gw1?node=node-a", "GET", ["Accept-Encoding: gzip"])).read();
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.toString().endsWith(`\r\n\r\n${text}\n`)).toBe(true);
    wire.socket.destroy();
  });
});
