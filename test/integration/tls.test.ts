import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { connect as connectPlain } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { directoryOf, eventually, run, startServe, type RunningServe } from "../support/running-serve.ts";

const certificates = join(import.meta.dirname, "../support/certificates");
const pem = (name: string): Promise<string> => readFile(join(certificates, name), "utf8");
const WATCH = "/api/v1/configs/media/one?watch=true";

let directory: Awaited<ReturnType<typeof directoryOf>>;
let running: RunningServe;
let port = 0;
const at = (...names: string[]): string => join(directory.path, ...names);

/** As kubelet does it: files in a directory of their own, a link to it that is replaced. */
async function mount(version: string, cert: string, key: string): Promise<void> {
  await mkdir(at("tls", version), { recursive: true });
  await writeFile(at("tls", version, "tls.crt"), cert);
  await writeFile(at("tls", version, "tls.key"), key);
  await symlink(version, at("tls", `..data-${version}`));
  await rename(at("tls", `..data-${version}`), at("tls", "..data"));
}

beforeAll(async () => {
  directory = await directoryOf({ "m/platform.yaml": PLATFORM, "m/one.yaml": gateway("one") });
  await mount("v1", await pem("one.crt"), await pem("one.key"));
  for (const name of ["tls.crt", "tls.key"]) await symlink(join("..data", name), at("tls", name));
  const pair = [`--tls-cert=${at("tls", "tls.crt")}`, `--tls-key=${at("tls", "tls.key")}`];
  running = await startServe([`--manifests=${at("m")}`, `--out=${at("out")}`, `--store=file://${at("store")}`, "--delivery=configmap", ...pair], { ready: false });
  port = Number(/https:\/\/127\.0\.0\.1:(\d+)\//.exec(await running.line(/probes and metrics/))?.[1]);
  await eventually(async () => (await fetchText("/readyz")).status === 200);
});
afterAll(async () => {
  await running.stop();
  await directory.remove();
});

async function fetchText(path: string): Promise<{ status: number | undefined; body: string }> {
  const request = get({ host: "127.0.0.1", port, path, rejectUnauthorized: false, agent: false });
  const [response] = (await once(request, "response")) as [Parameters<typeof text>[0] & { statusCode?: number }];
  return { status: response.statusCode, body: await text(response) };
}

async function secure(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  await once(socket, "secureConnect");
  return socket;
}

/** Fingerprint of the certificate that a new connection is shown. */
async function shown(): Promise<string> {
  const socket = await secure();
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

const fingerprintOf = async (name: string): Promise<string> => new X509Certificate(await pem(name)).fingerprint256;

describe("serve with a certificate", () => {
  it("answers over TLS, with a WebSocket inside", async () => {
    expect(await fetchText("/healthz")).toEqual({ status: 200, body: "ok\n" });
    const watch = new WebSocket(`wss://127.0.0.1:${port}${WATCH}`, { rejectUnauthorized: false });
    const [message] = (await once(watch, "message")) as [Buffer];
    expect(JSON.parse(message.toString())).toMatchObject({ admin: { name: "media/one" } });
    watch.terminate();
    expect(running.lines.join("\n")).not.toContain("http://127.0.0.1");
  });

  it("speaks TLS 1.2 and 1.3, nothing older, and no HTTP/2", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await secure({ minVersion: version, maxVersion: version, ALPNProtocols: ["h2", "http/1.1"] });
      expect([socket.getProtocol(), socket.alpnProtocol]).toEqual([version, "http/1.1"]);
      socket.destroy();
    }
    await expect(secure({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" })).rejects.toThrow(/protocol version|alert/i);
  });

  it("says nothing to who speaks no TLS", async () => {
    const socket = connectPlain(port, "127.0.0.1");
    socket.write("GET /api/v1/configs HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await text(socket)).not.toContain("HTTP/1.1 200");
    expect(await fetchText("/healthz")).toMatchObject({ status: 200 });
  });

  it("takes a new certificate, and keeps the old one where the new one cannot be used", async () => {
    const before = await secure();
    expect(await shown()).toBe(await fingerprintOf("one.crt"));
    await mount("v2", await pem("two.crt"), await pem("two.key"));
    await running.line(/the certificate is another one now/);
    expect(await shown()).toBe(await fingerprintOf("two.crt"));
    before.write("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(await text(before)).toContain("HTTP/1.1 200");

    await mount("v3", await pem("one.crt"), await pem("two.key"));
    await running.line(/the certificate stays as it was: --tls-key: it is not the key of the certificate/);
    await mount("v4", "nonsense", await pem("two.key"));
    await running.line(/the certificate stays as it was: --tls-cert: there is no certificate in PEM in it/);
    expect(await shown()).toBe(await fingerprintOf("two.crt"));

    await mount("v5", await pem("one.crt"), await pem("one.key"));
    await eventually(async () => (await shown()) === (await fingerprintOf("one.crt")));
    expect(running.lines.join("\n")).not.toContain("PRIVATE KEY");
  });
});

const pairOf = (cert: string, key: string): string[] => [`--tls-cert=${join(certificates, cert)}`, `--tls-key=${join(certificates, key)}`];

describe("serve cannot start with a certificate", () => {
  it.each([
    [pairOf("one.crt", "two.key"), "--tls-key: it is not the key of the certificate in --tls-cert\n"],
    [pairOf("one.key", "one.key"), "--tls-cert: there is no certificate in PEM in it\n"],
    [pairOf("one.crt", "one.crt"), "--tls-key: there is no private key in PEM in it, or it has a passphrase\n"],
  ])("that cannot be used: %j", async (pair, message) => {
    const { code, stderr } = await run(["serve", `--manifests=${at("m")}`, "--config-discovery-address=127.0.0.1:0", "--delivery=configmap", ...pair]);
    expect([code, stderr]).toEqual([2, message]);
  });
});
