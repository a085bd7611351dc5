import { once } from "node:events";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { readTls } from "../../functions/local/tls.ts";
import { type HardServer, PLANTED, startHard } from "./hardening-server.ts";

const certificates = join(import.meta.dirname, "../support/certificates");
const PATH = "/c/one/api/v1/configs/ns/a";

let running: HardServer;
let tap: Server;
const seen: Buffer[] = [];

/** Passes everything on and keeps a copy, as somebody on the way would. */
async function startTap(): Promise<number> {
  seen.length = 0;
  tap = createServer((client) => {
    const server = connect(running.port, "127.0.0.1");
    for (const [from, to] of [[client, server], [server, client]] as const) {
      from.on("data", (bytes: Buffer) => seen.push(bytes));
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
  });
  tap.listen(0, "127.0.0.1");
  await once(tap, "listening");
  return (tap.address() as AddressInfo).port;
}

afterEach(async () => {
  tap.close();
  await running.stop();
});

async function fetchThrough(request: typeof plainRequest): Promise<string> {
  const options = { host: "127.0.0.1", port: await startTap(), path: PATH, headers: { Authorization: `Bearer ${PLANTED.config}` }, agent: false, rejectUnauthorized: false };
  const [response] = (await once(request(options).end(), "response")) as [NodeJS.ReadableStream];
  return text(response);
}

describe("somebody on the way", () => {
  it("reads configuration and token where it is plain HTTP, as with delivery direct", async () => {
    running = await startHard();
    expect(await fetchThrough(plainRequest)).toContain(PLANTED.password);
    const all = Buffer.concat(seen).toString("latin1");
    expect([PLANTED.password, PLANTED.config, PATH].map((one) => all.includes(one))).toEqual([true, true, true]);
  });

  it("reads neither configuration nor token nor path where it is TLS, as with delivery proxy and pull", async () => {
    const tls = await readTls({ tlsCert: join(certificates, "one.crt"), tlsKey: join(certificates, "one.key") });
    if (!tls) throw new Error("there is no certificate");
    running = await startHard({}, { tls });
    expect(await fetchThrough(secureRequest as typeof plainRequest)).toContain(PLANTED.password);
    const all = Buffer.concat(seen).toString("latin1");
    expect([PLANTED.password, PLANTED.config, PATH, "api/v1"].map((one) => all.includes(one))).toEqual([false, false, false, false]);
  });
});
