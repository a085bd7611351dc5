import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { Watch, Wire, clientFrame, handshake, plain, run, until } from "./cds-harness.ts";
import type { Socket } from "node:net";
import type { Running } from "./cds-harness.ts";

/** More than the kernel takes on a connection that nobody reads, in so many pushes. */
const PUSHES = 40;
const MEGABYTE = "x".repeat(1_000_000);

function big(id: string, version: number): string {
  return JSON.stringify({ version: "v1", admin: { name: id }, number: version, pad: MEGABYTE });
}

/** A client that sends a request and never reads a byte. */
function deaf(port: number, bytes: string): Promise<Socket> {
  const before = Promise.withResolvers<Socket>();
  const socket = connect({ port, host: "127.0.0.1" }, () => {
    socket.write(bytes);
    before.resolve(socket);
  });
  socket.pause();
  socket.on("error", () => undefined);
  return before.promise;
}

async function pushAll({ source }: Running, reader: Watch, id: string): Promise<void> {
  for (let version = 1; version <= PUSHES; version += 1) {
    source.set({ [id]: big(id, version) });
    expect(JSON.parse(await reader.next())).toMatchObject({ number: version });
  }
}

describe("a client that does not read", () => {
  it("does not delay the others, and is cut", async () => {
    const running = await run({ limits: { stall: 300 } });
    const [socket, reader] = await Promise.all([
      deaf(running.port, handshake("/api/v1/configs/ns/a?watch=true")),
      Watch.open(running.port, "/api/v1/configs/ns/a?watch=true"),
    ]);
    await until(() => running.cds.stats().watchers === 2);
    await pushAll(running, reader, "ns/a");
    await until(() => running.cds.stats().watchers === 1);
    expect(running.cds.stats()).toMatchObject({ slow: 1, silent: 0, noisy: 0 });
    // Its queue was bounded all the time: it was given only part of what the other one got.
    expect(running.cds.stats().pushed).toBeLessThan(2 * PUSHES - 10);
    socket.destroy();
    await running.stop();
  });

  it("is cut as well when it only ever pings", async () => {
    const running = await run({ limits: { stall: 300, frames: 1_000_000 } });
    running.source.set({ "ns/a": JSON.stringify(MEGABYTE.repeat(20)) });
    const socket = await deaf(running.port, handshake("/api/v1/configs/ns/a?watch=true"));
    await until(() => running.cds.stats().pushed === 1);
    socket.write(Buffer.concat(Array.from({ length: 100 }, () => clientFrame(0x9, "p"))));
    await until(() => running.cds.stats().watchers === 0);
    expect(running.cds.stats()).toMatchObject({ slow: 1, silent: 0, noisy: 0 });
    socket.destroy();
    await running.stop();
  });

  it("is not pinged, and cut by the heartbeat", async () => {
    const running = await run({ limits: { heartbeat: 50 } });
    running.source.set({ "ns/a": JSON.stringify(MEGABYTE.repeat(20)) });
    const socket = await deaf(running.port, handshake("/api/v1/configs/ns/a?watch=true"));
    await until(() => running.cds.stats().accepted === 1 && running.cds.stats().watchers === 0);
    expect(running.cds.stats()).toMatchObject({ slow: 0, silent: 1, noisy: 0 });
    socket.destroy();
    await running.stop();
  });

  it("is no trouble when it goes by itself", async () => {
    const running = await run();
    const reader = await Watch.open(running.port, "/api/v1/configs/ns/a?watch=true");
    const socket = await deaf(running.port, handshake("/api/v1/configs/ns/a?watch=true"));
    await until(() => running.cds.stats().watchers === 2);
    await pushAll(running, reader, "ns/a");
    socket.resetAndDestroy();
    await until(() => running.cds.stats().watchers === 1);
    expect(running.cds.stats().slow).toBe(0);
    await running.stop();
  });

  it.each([
    ["plain", plain("/api/v1/configs")],
    ["with an upgrade that is none", handshake("/api/v1/configs")],
  ])("of a long list is cut, too (%s)", async (_, bytes) => {
    const running = await run({ limits: { stall: 200 } });
    running.source.set(Object.fromEntries(Array.from({ length: 40 }, (_each, index) => [`ns/g${index}`, big(`ns/g${index}`, index)])));
    const accepted = once(running.server, "connection");
    const socket = await deaf(running.port, bytes);
    const [served]: Socket[] = await accepted;
    await new Promise((resolve) => served?.once("close", resolve));
    expect(served?.bytesRead).toBe(bytes.length);
    expect(served?.writableFinished).toBe(false);
    socket.destroy();
    await running.stop();
  });
});

describe("a client that reads late", () => {
  it("gets the latest text of each configuration, not all that were", async () => {
    const running = await run();
    const { source, cds } = running;
    const reader = await Watch.open(running.port, "/api/v1/configs/ns/a?watch=true");
    const late = new Watch(running.port, "/api/v1/configs?watch=true");
    await until(() => cds.stats().watchers === 2);
    source.set({ "ns/gone": "{}", "ns/kept": "{}" });
    expect([await late.next(), await late.next()]).toEqual(["{}", "{}"]);
    late.ws.pause();
    await pushAll(running, reader, "ns/a");
    source.set({ "ns/gone": undefined, "ns/brief": "{}", "ns/kept": '{"version":"v2"}' });
    source.set({ "ns/brief": undefined, "ns/kept": "{}" });
    const before = cds.stats().pushed;
    late.ws.resume();
    const messages: string[] = [];
    while (!messages.at(-1)?.includes('"name":"ns/gone"')) messages.push(await late.next());
    messages.push(...(await late.soFar()));
    const numbers = messages.filter((message) => message.length > 1_000).map((message) => Number(/"number":(\d+)/.exec(message)?.[1]));
    expect(numbers.at(-1)).toBe(PUSHES);
    expect(numbers.length).toBeLessThan(PUSHES - 5);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    // Of the other three only the one that is gone differs from what it had.
    expect(messages.length - numbers.length).toBe(1);
    expect(cds.stats().pushed - before).toBe(2);
    await running.stop();
  });

  it("gets a whole first push that is larger than any queue", async () => {
    const running = await run();
    const ids = Array.from({ length: 60 }, (_, index) => `ns/g${String(index).padStart(2, "0")}`);
    running.source.set(Object.fromEntries(ids.map((id, index) => [id, big(id, index)])));
    const late = await Watch.open(running.port, "/api/v1/configs?watch=true");
    late.ws.pause();
    running.source.set({ "ns/g59": big("ns/g59", 1_000) });
    late.ws.resume();
    const numbers: number[] = [];
    while (numbers.length < ids.length) numbers.push(Number(/"number":(\d+)/.exec(await late.next())?.[1]));
    expect(numbers).toEqual([...ids.keys()].map((index) => (index === 59 ? 1_000 : index)));
    expect(await late.soFar()).toEqual([]);
    await running.stop();
  });

  it("of raw bytes finds every frame whole", async () => {
    const running = await run();
    running.source.set({ "ns/a": big("ns/a", 0), "ns/b": big("ns/b", 0) });
    const wire = await Wire.open(running.port);
    wire.socket.pause();
    wire.send(handshake("/api/v1/configs/ns?watch=true"));
    await until(() => running.cds.stats().pushed > 0);
    wire.send(clientFrame(0x9, "ping"));
    wire.socket.resume();
    const bytes = await wire.read((read) => read.includes("ping") && read.length > 2_000_000);
    const text = bytes.toString("latin1");
    expect(text.split(MEGABYTE)).toHaveLength(3);
    expect(text.replaceAll(MEGABYTE, "")).toContain("ns/b");
    await running.stop();
  });
});
