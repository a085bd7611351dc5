import { once } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { configText } from "./cds-source.ts";
import { Watch, Wire, clientFrame, exchange, handshake, run, until } from "./cds-harness.ts";

const PATH = "/api/v1/configs/ns/a?watch=true";

afterEach(() => {
  vi.useRealTimers();
});

/** Only the heartbeat runs on intervals; everything else goes on in real time. */
function beat(): void {
  vi.advanceTimersByTime(30_000);
}

describe("heartbeat", () => {
  it("cuts a connection that gives no sign of life, and no other", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const running = await run();
    const dead = await Wire.open(running.port);
    await dead.send(handshake(PATH)).head();
    const alive = await Watch.open(running.port, PATH);
    beat(); // the handshake came since the start
    const asked = once(alive.ws, "ping");
    beat(); // silent: asked for a sign of life
    expect((await dead.read((bytes) => bytes.length >= 2)).toString("hex")).toBe("8900");
    await asked;
    await alive.soFar();
    beat(); // silent still
    await dead.read();
    expect(running.cds.stats()).toMatchObject({ watchers: 1, silent: 1 });
    for (let round = 0; round < 5; round += 1) {
      beat();
      await alive.soFar();
    }
    expect(running.cds.stats()).toMatchObject({ watchers: 1, silent: 1 });
    await running.stop();
  });

  it("never pings a client that pings", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const running = await run();
    const wire = await Wire.open(running.port);
    await wire.send(handshake(PATH)).head();
    for (let round = 0; round < 5; round += 1) {
      wire.send(clientFrame(0x9, "k"));
      expect((await wire.read((bytes) => bytes.length >= 3)).toString("latin1")).toBe("\u008a\u0001k");
      beat();
    }
    wire.send(clientFrame(0x9, "end"));
    expect((await wire.read((bytes) => bytes.includes("end"))).toString("latin1")).toBe("\u008a\u0003end");
    await running.stop();
  });

  it("counts the frames of a client anew", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const running = await run();
    const watch = await Watch.open(running.port, PATH);
    for (let round = 0; round < 3; round += 1) {
      for (let frame = 0; frame < 900; frame += 1) watch.ws.send("x");
      await watch.soFar();
      beat();
    }
    expect(running.cds.stats()).toMatchObject({ watchers: 1, noisy: 0 });
    await running.stop();
  });

  it("reaches every one of many connections", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const running = await run();
    const wires = await Promise.all(Array.from({ length: 600 }, () => Wire.open(running.port)));
    await Promise.all(wires.map((wire) => wire.send(handshake(PATH)).head()));
    beat();
    // A look is taken in batches: the second begins when the first is surely over.
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    beat();
    for (const wire of wires) expect((await wire.read((bytes) => bytes.length >= 2)).toString("hex")).toBe("8900");
    beat();
    await Promise.all(wires.map((wire) => wire.read()));
    expect(running.cds.stats()).toMatchObject({ watchers: 0, silent: 600 });
    await running.stop();
  });
});

describe("shutdown", () => {
  it("is a close frame to everyone, and the end for who does not answer", async () => {
    const running = await run({ limits: { closing: 100 } });
    const polite = await Watch.open(running.port, PATH);
    const deaf = await Wire.open(running.port);
    await deaf.send(handshake(PATH)).head();
    const code = polite.closed();
    await running.cds.close();
    expect(await code).toBe(1001);
    expect((await deaf.read()).toString("hex")).toBe("880203e9");
    expect(running.cds.stats().watchers).toBe(0);
    expect(running.source.subscribers).toBe(0);
    await running.stop();
  });

  it("lets nobody in, and may be asked for twice", async () => {
    const running = await run();
    await Promise.all([running.cds.close(), running.cds.close()]);
    const { status, head } = await exchange(running.port, handshake(PATH));
    expect([status, /^Retry-After: 1$/m.test(head)]).toEqual([503, true]);
    running.source.set({ "ns/a": configText("ns/a") });
    expect((await exchange(running.port, handshake("/api/v1/configs/ns/a"))).status).toBe(200);
    await running.stop();
  });

  it("pushes nothing more to a connection that is closing", async () => {
    const running = await run({ limits: { closing: 200 } });
    const deaf = await Wire.open(running.port);
    await deaf.send(handshake(PATH)).head();
    deaf.send(Buffer.from([0x81, 0x00])); // unmasked: the server starts to close
    await deaf.read((bytes) => bytes.length >= 4);
    running.source.set({ "ns/a": configText("ns/a") });
    expect((await deaf.read()).length).toBe(0);
    await running.stop();
  });
});

it("what happens to connections is logged, without what was sent on them", async () => {
  const lines: unknown[] = [];
  const running = await run({ limits: { frames: 1 }, log: { debug: (fields, message) => lines.push([fields, message]) } });
  const wire = await Wire.open(running.port);
  await wire.send(handshake(PATH)).head();
  wire.send(Buffer.concat([clientFrame(0x1, "secret"), clientFrame(0x1, "secret")]));
  await wire.read();
  const other = await Wire.open(running.port);
  await other.send(handshake(PATH)).head();
  other.send("secret secret secret").socket.end();
  await until(() => running.cds.stats().watchers === 0);
  expect(lines).toHaveLength(2);
  expect(JSON.stringify(lines)).toContain("ns/a");
  expect(JSON.stringify(lines)).not.toContain("secret");
  await running.stop();
});
