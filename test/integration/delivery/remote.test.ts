import { createHash } from "node:crypto";
import { readFileSync, readdirSync, unlinkSync } from "node:fs";
import { request } from "node:https";
import { describe, expect, it } from "vitest";
import { eventually } from "../../support/running-serve.ts";
import { createWorld, HOST, ID, PASSWORD, type World } from "./fixture.ts";
import type { Pod } from "./pod.ts";
import { hasPrograms, stunnerdCommand } from "./programs.ts";
import { newKey } from "./tls-cds.ts";

/** 30 s where everything is tested in full. */
const OUTAGE_MS = process.env["FULL"] === "1" ? 30_000 : 3_000;
const PATH = "/c/prod/api/v1/configs/media/gw";
const has = hasPrograms();
const stunnerd = has ? stunnerdCommand() : [];

type Changes = Parameters<World["delivery"]>[1];

/** One world, with one pod in it. */
interface Stage extends World {
  start(more?: Changes): void;
  pod(): Pod;
  /** What is rendered now reaches the running pod. */
  update(more?: Changes): void;
  /** So many further requests have been answered. */
  tries(count: number): Promise<void>;
  /** The sidecar is the one that was started. */
  expectSameSidecar(): void;
}

/** Whatever goes wrong in it, nothing ever says a secret, and no process is left. */
async function on(kind: "proxy" | "pull", play: (stage: Stage) => Promise<void>): Promise<void> {
  const world = await createWorld(stunnerd);
  let pod: Pod | undefined;
  let sidecar: number | undefined;
  const running = (): Pod => {
    if (!pod) throw new Error("there is no pod yet");
    return pod;
  };
  const stage: Stage = Object.assign(Object.create(world) as World, {
    start(more?: Changes) {
      pod = world.startPod(world.delivery(kind, more));
      sidecar = pod.running()["stunner-delivery"];
    },
    pod: running,
    update: (more?: Changes) => running().update(world.render(world.delivery(kind, more))),
    async tries(count: number) {
      let seen = 0;
      await eventually(() => (seen += world.cds.taken().length) >= count);
    },
    expectSameSidecar: () => expect([running().running()["stunner-delivery"], sidecar]).toEqual([sidecar, expect.any(Number)]),
  });
  try {
    await play(stage);
    expect(pod?.output()).not.toContain(PASSWORD);
    expect(pod?.output()).not.toContain("st1.config.");
  } finally {
    await world.close();
  }
}

describe.runIf(has).concurrent.each(["proxy", "pull"] as const)("%s, with real programs", (kind) => {
  it("delivers the first configuration, changes, and what is made again after it was deleted", () => on(kind, async (world) => {
    world.set(1);
    world.start();
    await world.arrives(1);
    expect(world.cds.taken()[0]).toMatch(kind === "proxy" ? `GET ${PATH}?node=node-a&watch=true` : `GET ${PATH}?node=node-a 200`);
    world.set(2);
    await world.arrives(2);
    // stunnerd goes on with what it has: it is its calls that may not end.
    world.cds.source.set({ [ID]: undefined });
    if (kind === "pull") await world.tries(2);
    expect(await world.current()).toBe(2);
    world.set(3);
    await world.arrives(3);
    world.expectSameSidecar();
  }));

  it("waits for a configuration that is not there yet", () => on(kind, async (world) => {
    world.start();
    await world.tries(2);
    expect(await world.current()).toBeUndefined();
    world.set(1);
    await world.arrives(1);
  }));

  it("goes on after CDS was started again", () => on(kind, async (world) => {
    world.set(1);
    world.start();
    await world.arrives(1);
    await world.cds.stop();
    await world.cds.start();
    world.set(2);
    await world.arrives(2);
    world.expectSameSidecar();
    expect(world.cds.taken().length).toBeGreaterThan(1);
  }));

  it(`survives an outage of ${OUTAGE_MS / 1000} s, with the configuration that it has`, () => on(kind, async (world) => {
    world.set(1);
    world.start();
    await world.arrives(1);
    await world.cds.stop();
    await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
    expect(await world.current()).toBe(1);
    world.set(2);
    await world.cds.start();
    await world.arrives(2, 40_000);
    world.expectSameSidecar();
  }));

  it("gets nothing with a wrong token, and takes the right one as soon as it is in the Secret", () => on(kind, async (world) => {
    world.set(1);
    world.start({ token: () => world.cds.token({ ...world.gateway, name: "other" }) });
    await world.tries(2);
    expect(await world.current()).toBeUndefined();
    world.update();
    await world.arrives(1);
    world.expectSameSidecar();
  }));

  it("has its token rotated while it runs; then the old key opens nothing", () => on(kind, async (world) => {
    const [old, next] = [world.cds.keys.current, newKey()];
    const oldToken = world.cds.token(world.gateway);
    world.set(1);
    world.start();
    await world.arrives(1);
    world.cds.keys = { current: next, previous: old };
    world.update();
    await world.tries(kind === "pull" ? 1 : 0);
    world.cds.keys = { current: next };
    expect(await statusWith(world, oldToken)).toBe(403);
    // A new connection, with a new token, of the same sidecar.
    await world.cds.stop();
    await world.cds.start();
    world.set(2);
    await world.arrives(2);
    world.expectSameSidecar();
  }));

  it("trusts nobody but the authority, which may be replaced while it runs", () => on(kind, async (world) => {
    world.set(1);
    world.start({ ca: world.stranger.ca });
    await eventually(() => /certificate/.test(world.pod().output()));
    expect(world.cds.taken()).toEqual([]);
    expect(await world.current()).toBeUndefined();
    world.update();
    await world.arrives(1, 30_000);
    world.expectSameSidecar();
  }));

  it.each([
    ["has ended", (one: World) => one.authority.sign(HOST, -1)],
    ["is another host's", (one: World) => one.authority.sign("other.example")],
    ["is signed by a stranger", (one: World) => one.stranger.sign(HOST)],
  ])("keeps what it has while the certificate %s", (_, identity) => on(kind, async (world) => {
    world.set(1);
    world.start();
    await world.arrives(1);
    await world.cds.stop();
    world.cds.present(identity(world));
    await world.cds.start();
    world.set(2);
    await eventually(() => /certificate|SSL/i.test(world.pod().output()));
    expect(world.cds.taken().filter((one) => one.includes("200"))).toHaveLength(kind === "pull" ? 1 : 0);
    expect(await world.current()).toBe(1);
    world.cds.present(world.authority.sign(HOST));
    await world.arrives(2, 30_000);
  }));

  it("delivers it with the address of the node in it, and anew when that changes", () => on(kind, async (world) => {
    const listeners = [{ name: `${ID}/udp`, protocol: "TURN-UDP", public_address: "127.0.0.1", public_port: 1, address: "__node_address_placeholder", port: 3478 }];
    world.cds.source.setNode("node-a", "203.0.113.7");
    world.set(1, { listeners });
    world.start();
    const address = async (): Promise<unknown> => {
      const answer = await fetch(`http://127.0.0.1:${world.health}/status`).catch(() => undefined);
      return ((await answer?.json()) as { listeners?: readonly { address?: string }[] } | undefined)?.listeners?.[0]?.address;
    };
    await eventually(async () => (await address()) === "203.0.113.7");
    world.cds.source.setNode("node-a", "203.0.113.8");
    await eventually(async () => (await address()) === "203.0.113.8");
    expect(await world.current()).toBe(1);
    world.expectSameSidecar();
  }));

  it("delivers a configuration of more than 1 MB", () => on(kind, async (world) => {
    const endpoints = Array.from({ length: 100 }, (_, index) => `10.0.${index}.0/24`);
    const clusters = Array.from({ length: 800 }, (_, index) => ({ name: `ns/route-${index}`, type: "STATIC", protocol: "UDP", endpoints }));
    expect(world.config(1, { clusters }).length).toBeGreaterThan(1_000_000);
    world.set(1, { clusters });
    world.start();
    await world.arrives(1);
  }));

  it("tells no process list its token", () => on(kind, async (world) => {
    world.set(1);
    // Each request is under way long enough to be looked at.
    const held: (() => void)[] = [];
    world.start();
    await world.arrives(1);
    world.cds.override = (_req, res) => held.push(() => res.writeHead(503).end());
    if (kind === "pull") await eventually(() => held.length > 0);
    const lines = processLines();
    expect(lines.filter((line) => /curl|nginx/.test(line)).length).toBeGreaterThan(0);
    expect(lines.join("\n")).not.toContain("st1.config.");
    for (const release of held) release();
  }));
});

describe.runIf(has).concurrent("proxy, with real programs", () => {
  it("hands on no half of a message", () => on("proxy", async (world) => {
    world.set(1);
    world.start();
    await world.arrives(1);
    let cut = 0;
    world.cds.overrideUpgrade = (req, socket) => {
      const accept = createHash("sha1").update(`${req.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      const text = Buffer.from(world.config(2));
      // A text frame that says how long it is, and half of it.
      const frame = Buffer.concat([Buffer.from([0x81, 126, text.length >> 8, text.length & 255]), text.subarray(0, text.length / 2)]);
      socket.on("error", () => undefined);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
      socket.write(frame, () => socket.destroy());
      cut += 1;
    };
    await world.cds.stop();
    await world.cds.start();
    await eventually(() => cut > 1);
    expect(await world.current()).toBe(1);
    world.cds.overrideUpgrade = undefined;
    world.set(3);
    await world.arrives(3);
  }));

  it("listens on loopback alone, on a port of its own, and opens nothing but the one configuration, to read", () => on("proxy", async (world) => {
    world.set(1);
    world.start();
    await world.arrives(1);
    const conf = readFileSync(world.pod().path("/stunner/delivery/nginx.conf"), "utf8");
    const port = Number(/listen 127\.0\.0\.1:(\d+)/.exec(conf)?.[1]);
    const hex = port.toString(16).toUpperCase().padStart(4, "0");
    const listening = readFileSync("/proc/net/tcp", "utf8").split("\n").filter((line) => line.includes(`:${hex} 00000000:0000 0A`));
    expect(listening).toHaveLength(1);
    expect(listening[0]).toContain(" 0100007F:");
    const ask = async (path: string, init?: RequestInit): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`, init)).status;
    expect(await ask("/api/v1/configs/media/gw?node=x")).toBe(200);
    expect(await ask("/api/v1/configs/media/gw", { method: "POST", body: "x" })).toBe(403);
    for (const path of ["/", "/api/v1/configs", "/api/v1/configs/media", "/api/v1/configs/media/other", "/api/v1/configs/media/gw/", PATH]) {
      expect([path, await ask(path)]).toEqual([path, 404]);
    }
  }));
});

describe.runIf(has).concurrent("pull, with real programs", () => {
  it.each<[string, (text: string) => { status?: number; headers?: Record<string, string>; body: string; cut?: boolean }]>([
    ["half of a body", (text) => ({ headers: { "Content-Length": String(text.length) }, body: text.slice(0, text.length / 2), cut: true })],
    ["half of a body in chunks", (text) => ({ body: text.slice(0, text.length / 2), cut: true })],
    ["half of a body that says it is whole", (text) => ({ body: text.slice(0, text.length / 2) })],
    ["an empty body", () => ({ body: "" })],
    ["a page", () => ({ headers: { "Content-Type": "text/html" }, body: "<html>}" })],
    ["another object", () => ({ body: '{"code":404}' })],
    ["404", () => ({ status: 404, body: '{"version":"v1","code":404}' })],
    ["500", (text) => ({ status: 500, body: text })],
    ["a redirection", () => ({ status: 302, headers: { Location: "https://localhost/" }, body: "" })],
    ["nine megabytes", (text) => ({ body: `${text.slice(0, -1)},"x":"${"x".repeat(9_000_000)}"}` })],
  ])("never installs %s", (_, answer) => on("pull", async (world) => {
    const file = await begin(world);
    const before = file();
    const { status = 200, headers = {}, body, cut = false } = answer(world.config(2));
    world.cds.taken();
    world.cds.override = (_req, res) => {
      res.writeHead(status, { ETag: '"bad"', "Content-Type": "application/json", ...headers });
      res.write(body, () => (cut ? res.destroy() : res.end()));
    };
    await world.tries(2);
    expect(file() === before).toBe(true);
    expect(await world.current()).toBe(1);
    world.cds.override = undefined;
    world.set(3);
    await world.arrives(3);
  }));

  it("asks with the tag of what it has, and is answered 304", () => on("pull", async (world) => {
    await begin(world);
    world.cds.taken();
    const etags: (string | undefined)[] = [];
    await eventually(() => world.cds.taken().some((one) => one.endsWith(" 304")));
    world.cds.override = (req, res) => {
      etags.push(req.headers["if-none-match"]);
      res.writeHead(304).end();
    };
    await eventually(() => etags.length > 1);
    expect(etags[0]).toMatch(/^"[0-9a-f]{64}"$/);
    expect(new Set(etags).size).toBe(1);
  }));

  it("asks when it is told to, and less and less often where it is answered with errors", () => on("pull", async (world) => {
    await begin(world);
    const times: number[] = [];
    world.cds.override = (_req, res) => {
      times.push(performance.now());
      res.writeHead(503).end();
    };
    await eventually(() => times.length > 3);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits[1]).toBeGreaterThan((waits[0] ?? 0) * 1.3);
    expect(waits[2]).toBeGreaterThan((waits[1] ?? 0) * 1.3);
    const asked: number[] = [];
    world.cds.override = (_req, res) => {
      asked.push(performance.now());
      res.writeHead(304, { "Stunner-Poll-Interval": asked.length === 1 ? "3" : "1" }).end();
    };
    await eventually(() => asked.length > 2, 40_000);
    const [first = 0, second = 0, third = 0] = asked;
    expect((second - first) / (third - second)).toBeGreaterThan(1.5);
  }));

  it("gets the file again where somebody has removed it", () => on("pull", async (world) => {
    const file = await begin(world);
    unlinkSync(world.pod().path("/stunner/config/stunnerd.conf"));
    await eventually(() => file() !== "");
    expect(file()).toContain('"public_port":1');
  }));
});

/** Resolves when the first configuration has arrived; to what reads its file. */
async function begin(world: Stage): Promise<() => string> {
  world.set(1);
  world.start();
  await world.arrives(1);
  return () => {
    try {
      return readFileSync(world.pod().path("/stunner/config/stunnerd.conf"), "utf8");
    } catch {
      return "";
    }
  };
}

async function statusWith(world: World, token: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const options = { host: HOST, port: world.cds.port, path: PATH, ca: world.authority.ca, headers: { Authorization: `Bearer ${token}` } };
  request(options, (res) => resolve(res.resume().statusCode ?? 0)).on("error", reject).end();
  return promise;
}

/** Arguments and environments of every process. */
function processLines(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, "utf8"), readFileSync(`/proc/${pid}/environ`, "utf8")].map((text) => text.replaceAll("\0", " "));
    } catch {
      return [];
    }
  });
}
