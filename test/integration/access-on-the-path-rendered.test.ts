import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/running-serve.ts";
import type { Identity } from "./delivery/certificates.ts";
import { createWorld, freePort, HOST, ID, PASSWORD, type World } from "./delivery/fixture.ts";
import { hasPrograms, stunnerdCommand } from "./delivery/programs.ts";

const has = hasPrograms();
const stunnerd = has ? stunnerdCommand() : [];
const KEY = readFileSync(join(import.meta.dirname, "../support/certificates/two.key")).toString("base64");

/** Somebody between the pod and CDS, who passes everything on, or says that he is CDS. */
interface Spy {
  readonly port: number;
  /** What came by; of who says that he is CDS: what he could read. */
  seen(): string;
  /** Connections so far. */
  readonly met: () => number;
  close(): void;
}

async function startSpy(cds: number, pretends?: Identity): Promise<Spy> {
  const seen: Buffer[] = [];
  const sockets = new Set<Socket>();
  let met = 0;
  const server: Server = createServer((client) => {
    met += 1;
    const all = pretends ? [client] : [client, connect(cds, "127.0.0.1")];
    for (const socket of all) sockets.add(socket.on("error", () => all.forEach((one) => one.destroy())));
    if (pretends) {
      const plain = new TLSSocket(client, { isServer: true, cert: pretends.cert, key: pretends.key });
      plain.on("error", () => client.destroy()).on("data", (bytes) => seen.push(bytes));
      return;
    }
    for (const [from, to] of [all, all.toReversed()] as [Socket, Socket][]) from.on("data", (bytes: Buffer) => seen.push(bytes)).pipe(to);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    seen: () => Buffer.concat(seen).toString("latin1"),
    met: () => met,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe.runIf(has).each(["proxy", "pull"] as const)("between CDS and the pod that is rendered for %s", (kind) => {
  let world: World;
  let spy: Spy | undefined;
  beforeEach(async () => {
    world = await createWorld(stunnerd);
    const port = await freePort();
    const listener = { name: `${ID}/udp`, protocol: "TURN-UDP", public_address: "127.0.0.1", public_port: 1, address: "127.0.0.1", port, key: KEY, routes: [] };
    world.set(1, { listeners: [listener] });
  });
  afterEach(async () => {
    spy?.close();
    await world.close();
  });
  const start = (port: number) => world.startPod(world.delivery(kind, { endpoint: { host: HOST, port, path: "/c/prod" } }));

  it("nothing of configuration, key, token or path can be read, and it arrives", async () => {
    spy = await startSpy(world.cds.port);
    const pod = start(spy.port);
    await world.arrives(1);
    const seen = spy.seen();
    const said = [PASSWORD, KEY.slice(0, 64), world.cds.token(world.gateway), "st1.", "/c/prod", "api/v1", "Authorization"];
    expect(seen.length).toBeGreaterThan(1000);
    // The name of the server is all that TLS says.
    expect(seen).toContain(HOST);
    expect(said.filter((one) => seen.includes(one))).toEqual([]);
    expect(Object.keys(pod.running())).toContain("stunner-delivery");
  });

  it.each([
    ["of a stranger", () => world.stranger.sign(HOST)],
    ["of another name", () => world.authority.sign("other.example")],
    ["that has ended", () => world.authority.sign(HOST, -1)],
  ])("who has a certificate %s is told nothing, and gets nothing taken", async (_, identity) => {
    spy = await startSpy(world.cds.port, identity());
    const { met, seen } = spy;
    start(spy.port);
    await eventually(() => met() > 1);
    expect(seen()).toBe("");
    expect(world.cds.taken()).toEqual([]);
    expect(await world.current()).toBeUndefined();
  });

  it("who has the server's own certificate is told the token: what is above is looked for in the right place", async () => {
    spy = await startSpy(world.cds.port, world.authority.sign(HOST));
    const { seen } = spy;
    start(spy.port);
    await eventually(() => seen().includes(world.cds.token(world.gateway)));
    expect(seen()).toContain(`GET /c/prod/api/v1/configs/${ID}`);
  });
});
