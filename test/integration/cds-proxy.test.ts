import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer, request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { clientProxy } from "../../infra/client-proxy/client-proxy.ts";
import { createCdsProxy } from "../../functions/local/cds-proxy/server.ts";
import { createPki, type Pki } from "../cluster/pki.ts";
import { run } from "../support/running-serve.ts";
import { Watch } from "./cds-harness.ts";
import { OF_ANOTHER, OPERATOR, startProxy, startRemote, type RemoteCds, type RunningProxy } from "./cds-proxy-support.ts";
import { configText } from "./cds-source.ts";

let directory: string;
let pki: Pki;
let remote: RemoteCds;
let proxy: RunningProxy;
let tokenFile: string;

/** What a Go client sends (spec/cds.md 10). */
const GO = { "User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip" };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "stunner-cds-proxy-"));
  pki = await createPki(directory);
  tokenFile = join(directory, "token");
  await writeToken(OPERATOR);
  remote = await startRemote(pki);
  proxy = await startProxy([remote.url, "--cluster=prod", `--ca=${pki.files.ca}`, `--token-file=${tokenFile}`]);
});
beforeEach(async () => {
  await writeToken(OPERATOR);
  remote.source.set({ "stunner/udp-gateway": configText("stunner/udp-gateway"), "default/gw": configText("default/gw") });
});
afterAll(async () => {
  await proxy.stop();
  await remote.stop();
  await rm(directory, { recursive: true });
});

/** As kubelet replaces a mounted Secret. */
async function writeToken(token: string): Promise<void> {
  await writeFile(`${tokenFile}.new`, `${token}\n`);
  await rename(`${tokenFile}.new`, tokenFile);
}

async function ask(path: string, { port = proxy.port, headers = GO, method = "GET" }: { port?: number; headers?: OutgoingHttpHeaders; method?: string } = {}) {
  const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false }).end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

/** Status and body of a handshake that is not taken. */
async function refused(path: string, { port = proxy.port, headers = {} }: { port?: number; headers?: OutgoingHttpHeaders } = {}) {
  const upgrade = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };
  const sent = request({ host: "127.0.0.1", port, path, headers: { ...upgrade, ...headers }, agent: false }).end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

const parsed = (body: string): unknown => JSON.parse(body);

describe("the requests of stunnerctl, turncat and the auth service (spec/cds.md 10)", () => {
  it.each([
    ["stunnerctl config", "/api/v1/configs/default", { items: [{ admin: { name: "default/gw" } }] }],
    ["stunnerctl -n stunner config", "/api/v1/configs/stunner", { items: [{ admin: { name: "stunner/udp-gateway" } }] }],
    ["stunnerctl -n stunner config udp-gateway, turncat k8s://", "/api/v1/configs/stunner/udp-gateway", { admin: { name: "stunner/udp-gateway" } }],
    ["… --node n1", "/api/v1/configs/stunner/udp-gateway?node=n1", { admin: { name: "stunner/udp-gateway" } }],
    ["stunnerctl -a config", "/api/v1/configs", { items: [{ admin: { name: "default/gw" } }, { admin: { name: "stunner/udp-gateway" } }] }],
    ["stunnerctl license", "/api/v1/license", { subscriptionType: "free" }],
  ])("%s", async (_what, path, expected) => {
    const answer = await ask(path);
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
    expect(parsed(answer.body)).toMatchObject(expected);
  });

  it("a config that is not there is a 404 with the server's own words", async () => {
    expect(await ask("/api/v1/configs/stunner/none")).toMatchObject({ status: 404, body: '{"code":404,"message":"Config not found for ID stunner/none"}\n' });
  });

  it.each(["/api/v1/configs?watch=true", "/api/v1/configs/stunner?watch=true", "/api/v1/configs/stunner/udp-gateway?node=n1&watch=true"])("a watch of %s", async (path) => {
    // As stunnerd, stunnerctl and the auth service send it (spec/cds.md 3.1).
    const origin = `http://127.0.0.1:${proxy.port}?watch=true`;
    const watch = await Watch.open(proxy.port, path, { headers: { Origin: origin, "User-Agent": "Go-http-client/1.1" } });
    const names = [await watch.next(), ...(path.startsWith("/api/v1/configs?") ? [await watch.next()] : [])].map((one) => (parsed(one) as { admin: { name: string } }).admin.name);
    expect(names).toContain("stunner/udp-gateway");
    const pong = once(watch.ws, "pong");
    watch.ws.ping("keepalive");
    expect(String((await pong)[0])).toBe("keepalive");
    remote.source.set({ "stunner/udp-gateway": configText("stunner/udp-gateway", 3479) });
    expect(await watch.next()).toContain("3479");
    watch.ws.close();
    await once(watch.ws, "close");
  });
});

describe("streaming", () => {
  it("passes a configuration of 1 MB on, whole, by GET and by watch", async () => {
    const large = configText("stunner/large", 3478, "x".repeat(1_000_000));
    remote.source.set({ "stunner/large": large });
    expect((await ask("/api/v1/configs/stunner/large")).body.trimEnd()).toBe(large);
    const watch = await Watch.open(proxy.port, "/api/v1/configs/stunner/large?watch=true");
    expect(await watch.next()).toBe(large);
    watch.ws.terminate();
  });

  it("ends the answer where the remote breaks off in the middle, so that half of it is not taken for the whole", async () => {
    const half = createServer((_req, res) => {
      res.writeHead(200, { "Content-Type": "application/json", "Content-Length": 1000 });
      res.write('{"items":[', () => setImmediate(() => res.destroy()));
    });
    await withProxyOf(half, async (port) => {
      const sent = request({ host: "127.0.0.1", port, path: "/api/v1/configs", agent: false }).end();
      const [answer] = (await once(sent, "response")) as [IncomingMessage];
      await expect(text(answer)).rejects.toThrow(/aborted|hang up|reset/);
    });
  });

  it("leaves the remote when the client has left", async () => {
    const left = Promise.withResolvers<void>();
    const slow = createServer((_req, res) => {
      res.writeHead(200).write("{");
      res.once("close", () => left.resolve());
    });
    await withProxyOf(slow, async (port) => {
      const sent = request({ host: "127.0.0.1", port, path: "/api/v1/configs", agent: false }).end();
      await once(sent, "response");
      sent.on("error", () => undefined).destroy();
      await left.promise;
      expect(sent.destroyed).toBe(true);
    });
  });

  it("reads from the remote no faster than the client does", async () => {
    let taken = 0;
    const endless = createServer((_req, res) => {
      const more = (): void => {
        while (taken < 400 && !res.destroyed && res.write(Buffer.alloc(1_000_000, 120))) taken += 1;
        taken += 1;
      };
      res.on("drain", more);
      more();
    });
    await withProxyOf(endless, async (port) => {
      const sent = request({ host: "127.0.0.1", port, path: "/api/v1/configs", agent: false }).end();
      const [answer] = (await once(sent, "response")) as [IncomingMessage];
      let last = -1;
      while (taken !== last) {
        last = taken;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      expect(taken).toBeLessThan(100);
      answer.destroy();
    });
  });
});

/** A proxy in this process, before a remote without TLS on loopback. */
async function withProxyOf(server: ReturnType<typeof createTcpServer>, use: (port: number, faults: string[]) => Promise<void>, silence = 5000): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const faults: string[] = [];
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const own = createCdsProxy({ remote: { url, token: async () => "secret-token" }, isPrivate: true, silence, onFault: ({ status, message }) => faults.push(`${status} ${message}`) });
  own.listen(0, "127.0.0.1");
  await once(own, "listening");
  try {
    await use((own.address() as AddressInfo).port, faults);
  } finally {
    own.closeAllConnections();
    own.close();
    server.close();
    if ("closeAllConnections" in server) (server as ReturnType<typeof createServer>).closeAllConnections();
  }
}

describe("what goes wrong", () => {
  const others: RunningProxy[] = [];
  afterEach(async () => void (await Promise.all(others.splice(0).map((one) => one.stop()))));
  async function other(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
    const started = await startProxy([...args], env);
    others.push(started);
    return started.port;
  }

  it("is a wrong token, or none: the remote's own answer", async () => {
    const port = await other([remote.url, "--cluster=prod", `--ca=${pki.files.ca}`], { STUNNER_CDS_TOKEN: OF_ANOTHER });
    expect(await ask("/api/v1/configs", { port })).toMatchObject({ status: 403, body: '{"code":403,"message":"The token does not open this"}\n' });
    expect(await refused("/api/v1/configs?watch=true", { port })).toEqual({ status: 403, body: '{"code":403,"message":"The token does not open this"}\n' });
    const none = await other([remote.url, "--cluster=prod", `--ca=${pki.files.ca}`]);
    expect(await ask("/api/v1/configs", { port: none })).toMatchObject({ status: 401 });
  });

  it("is a token that the client brings: it is not what counts", async () => {
    const port = await other([remote.url, "--cluster=prod", `--ca=${pki.files.ca}`], { STUNNER_CDS_TOKEN: OF_ANOTHER });
    expect(await ask("/api/v1/configs", { port, headers: { Authorization: `Bearer ${OPERATOR}` } })).toMatchObject({ status: 403 });
  });

  it("is a token file that is gone, or holds something else; the next request finds the next token", async () => {
    await rm(tokenFile);
    expect(await ask("/api/v1/configs")).toMatchObject({ status: 500, body: `{"code":500,"message":"The token cannot be read: ${tokenFile}: no such file or directory"}\n` });
    for (const nonsense of ["", "two words", "two\nlines", "ü"]) {
      await writeToken(nonsense);
      expect(await ask("/api/v1/configs")).toMatchObject({ status: 500, body: `{"code":500,"message":"The token cannot be read: ${tokenFile}: it holds no token in one line"}\n` });
    }
    await writeToken(OF_ANOTHER);
    expect(await ask("/api/v1/configs")).toMatchObject({ status: 403 });
    await writeToken(OPERATOR);
    expect(await ask("/api/v1/configs")).toMatchObject({ status: 200 });
  });

  it("is a certificate that nobody known vouches for, or of another name", async () => {
    const port = await other([remote.url, "--cluster=prod"], { STUNNER_CDS_TOKEN: OPERATOR });
    const message = `The config discovery server at ${remote.url} has a certificate that nobody known vouches for; --ca names the authority that does`;
    expect(await ask("/api/v1/configs", { port })).toMatchObject({ status: 502, body: `${JSON.stringify({ code: 502, message })}\n` });
    expect(await refused("/api/v1/configs?watch=true", { port })).toEqual({ status: 502, body: `${JSON.stringify({ code: 502, message })}\n` });
    const named = await other([remote.url.replace("127.0.0.1", "127.0.0.2"), `--ca=${pki.files.ca}`], { STUNNER_CDS_TOKEN: OPERATOR });
    expect(await ask("/api/v1/configs", { port: named })).toMatchObject({ status: 502 });
    expect(others.map((one) => one.text()).join("")).not.toContain(OPERATOR);
  });

  it("is a remote that restarts: watches end, requests are refused meanwhile, and all is well after", async () => {
    const watch = await Watch.open(proxy.port, "/api/v1/configs/stunner/udp-gateway?watch=true");
    await watch.next();
    const closed = once(watch.ws, "close");
    await remote.restart();
    await closed;
    expect(await ask("/api/v1/configs")).toMatchObject({ status: 200 });
    const again = await Watch.open(proxy.port, "/api/v1/configs/stunner/udp-gateway?watch=true");
    expect(await again.next()).toContain("stunner/udp-gateway");
    again.ws.terminate();
  });

  it("is a remote that cannot be reached, or answers with an error of its own", async () => {
    const failing = createServer((_req, res) => res.writeHead(503, { "Content-Type": "application/json", "Retry-After": "1", "Set-Cookie": "a=b" }).end('{"code":503,"message":"soon"}\n'));
    await withProxyOf(failing, async (port, faults) => {
      const answer = await ask("/api/v1/configs", { port });
      expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "1" }, body: '{"code":503,"message":"soon"}\n' });
      expect(answer.headers["set-cookie"]).toBeUndefined();
      failing.closeAllConnections();
      failing.close();
      const gone = await ask("/api/v1/configs", { port });
      expect(gone.status).toBe(502);
      expect(parsed(gone.body)).toEqual({ code: 502, message: expect.stringMatching(/^The config discovery server at http:\/\/127\.0\.0\.1:\d+ cannot be reached: /) });
      expect([gone.body, ...faults].join("")).not.toContain("secret-token");
    });
  });

  it("is a remote that does not answer", async () => {
    const sockets = new Set<{ destroy(): void }>();
    const mute = createTcpServer((socket) => void sockets.add(socket.on("error", () => undefined)));
    await withProxyOf(mute, async (port) => {
      const answer = await ask("/api/v1/configs", { port });
      expect([answer.status, parsed(answer.body)]).toEqual([504, { code: 504, message: expect.stringMatching(/does not answer$/) }]);
      expect(await refused("/api/v1/configs?watch=true", { port })).toMatchObject({ status: 504 });
      for (const socket of sockets) socket.destroy();
    }, 150);
  });
});

describe("who may ask, and what", () => {
  it.each([
    ["a page of a browser", { Origin: "https://evil.example" }, 403],
    ["a page without an origin of its own", { Origin: "null" }, 403],
    ["a name that resolves to loopback", { Host: "evil.example:13478" }, 403],
    ["an empty host", { Host: ":13478" }, 200],
    ["a port-forward", { Host: "localhost:40123" }, 200],
  ])("%s: %o", async (_what, headers, status) => {
    expect(await ask("/api/v1/configs", { headers })).toMatchObject({ status });
  });

  it("nor do they get a watch", async () => {
    for (const headers of [{ Origin: "https://evil.example" }, { Origin: "null" }, { Host: "evil.example:13478" }]) {
      expect(await refused("/api/v1/configs?watch=true", { headers })).toMatchObject({ status: 403 });
    }
  });

  it.each(["/", "/api/v1/../../x", "/api/v1/%2e%2e/x", "/api/v1//configs", "//api/v1/configs", "http://evil.example/api/v1/configs", "/metrics", "/api/v2/configs", "/api/v1/configs\\..\\x"])(
    "not %s",
    async (path) => {
      expect(await ask(path)).toMatchObject({ status: 404, body: '{"code":404,"message":"404 page not found"}\n' });
    },
  );

  it("nothing but GET, without a body", async () => {
    expect(await ask("/api/v1/configs", { method: "POST" })).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
    expect(await ask("/api/v1/configs", { headers: { "Content-Length": "0" } })).toMatchObject({ status: 200 });
    expect(await ask("/api/v1/configs", { headers: { "Transfer-Encoding": "chunked" } })).toMatchObject({ status: 413 });
  });

  it("itself, whether it lives; its log has no token in it", async () => {
    expect(await ask("/healthz")).toMatchObject({ status: 200, body: "ok\n" });
    expect(proxy.text()).toMatch(/stands for https:/);
    expect(proxy.text()).not.toContain(OPERATOR);
  });
});

describe("the pod of manifests --client-proxy", () => {
  interface Pod {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: { readonly containers: readonly { readonly command: readonly string[]; readonly args: readonly string[] }[] };
  }
  const podOf = (objects: readonly object[]): Pod => (objects.find((one) => (one as { kind: string }).kind === "Deployment") as { spec: { template: Pod } }).spec.template;
  const options = { cluster: "prod", namespace: "system", image: "node", version: "1.2.3", secret: "token", ca: "PEM", service: false };

  it("is found by its label, runs this program, and needs nobody to connect but by a port-forward", async () => {
    const { metadata, spec } = podOf(clientProxy({ ...options, url: remote.url }));
    expect(metadata.labels).toMatchObject({ "stunner.l7mp.io/config-discovery-service": "enabled" });
    const [container] = spec.containers;
    expect(container?.command).toEqual(["npx", "--yes", "stunner-serverless@1.2.3", "cds-proxy"]);
    const args = (container?.args ?? []).map((one) => one.replace("/etc/cds-token/token", tokenFile).replace("/etc/cds-ca/ca.crt", pki.files.ca));
    const pod = await startProxy(args);
    expect(await ask("/api/v1/configs/stunner/udp-gateway", { port: pod.port })).toMatchObject({ status: 200 });
    await pod.stop();
    expect(args.join(" ")).not.toMatch(/insecure|0\.0\.0\.0/);
  });

  it("with a Service listens to the cluster", () => {
    const objects = clientProxy({ ...options, url: remote.url, service: true });
    expect(objects.map((one) => (one as { kind: string }).kind)).toEqual(["ConfigMap", "Deployment", "Service"]);
    expect(podOf(objects).spec.containers[0]?.args).toEqual(expect.arrayContaining(["--listen=0.0.0.0:13478", "--insecure"]));
  });

  it("is printed where it is asked for", async () => {
    const printed = await run(["manifests", "--only", "client-proxy", "--client-proxy", "https://cds.example", "--cluster", "prod"]);
    expect(printed).toMatchObject({ code: 0, stdout: expect.stringContaining("--cluster=prod") });
    expect(await run(["manifests", "--only", "client-proxy"])).toMatchObject({ code: 0, stdout: "\n" });
    expect(await run(["manifests", "--client-proxy", "http://cds.example"])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^--client-proxy: accepted is https:/) });
  });
});

describe("the command line", () => {
  it.each([
    [["https://user:pass@host"], "the URL: accepted is https://host[:port][/prefix]; the token has a setting of its own\n"],
    [["https://host?token=x"], "the URL: accepted is https://host[:port][/prefix]; the token has a setting of its own\n"],
    [["http://cds.example"], "the URL: without TLS everybody on the way sees token and passwords: give https://, or --insecure as well\n"],
    [["https://host", "--listen=0.0.0.0:1"], "--listen=0.0.0.0:1: whoever can connect would get all passwords: give a loopback address, or --insecure as well\n"],
    [["https://host", "--listen=1"], "--listen: give host:port, [ipv6]:port or :port, which means loopback\n"],
    [["https://host", "--cluster=../x"], "--cluster: give letters, digits, - and _, at most 63\n"],
    [["https://host", "--ca=/nowhere"], "--ca=/nowhere: no such file or directory\n"],
  ])("refuses %j", async (args, stderr) => {
    expect(await run(["cds-proxy", ...args])).toEqual({ code: 2, stdout: "", stderr });
  });

  it("has a client of ws, too, that is told of a fault by a status", async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${proxy.port}/api/v1/nothing?watch=true`);
    const [error] = (await once(ws, "error")) as [Error];
    expect(error.message).toMatch(/404/);
  });
});
