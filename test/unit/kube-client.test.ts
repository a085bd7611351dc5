import { KubeConfig } from "@kubernetes/client-node";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, get, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import type { KubeClient } from "../../shared/kube/client.ts";
import { KubeError } from "../../shared/kube/errors.ts";
import { createKubeClient } from "../../shared/kube/https-client.ts";
import { readAnswer } from "../../shared/kube/read-answer.ts";
import { withRetries } from "../../shared/kube/retry.ts";
import { withSignal } from "../../shared/kube/with-signal.ts";
import { answer, type Handler, kubeconfigFor, type Peer, startPeer, statusOf } from "./kube-peer.ts";

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function clientOf(handler: Handler, timeout = 10_000, path = ""): Promise<{ client: KubeClient; peer: Peer }> {
  const peer = await startPeer(handler);
  const client = createKubeClient(kubeconfigFor(`${peer.url}${path}`), { timeout });
  opened.push(peer, client);
  return { client, peer };
}

async function failure(promise: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await promise.then(
    () => new Error("nothing failed"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

const pem = (name: string): string => readFileSync(join(import.meta.dirname, "../support/certificates", name), "utf8");

const refused = async (status: number, body: unknown, headers: Record<string, string> = {}, request: Partial<Parameters<KubeClient["request"]>[0]> = {}) => {
  const { client } = await clientOf((_request, response) => answer(response, status, body, headers));
  return failure(client.request({ method: "GET", path: "/api/v1/pods", ...request }));
};

const program = (script: string) => ({ exec: { apiVersion: "client.authentication.k8s.io/v1", command: process.execPath, args: ["-e", script] } });

const read = async (client: KubeClient, signal?: AbortSignal, limit = Infinity): Promise<unknown[]> => {
  const lines: unknown[] = [];
  for await (const line of client.watch({ path: "/w", query: { watch: "true" }, accept: "application/json;x", ...(signal ? { signal } : {}) })) {
    lines.push(line);
    if (lines.length >= limit) break;
  }
  return lines;
};

describe("a request", () => {
  test("carries method, path, query, body, media types and credentials", async () => {
    const seen: unknown[] = [];
    const { client } = await clientOf(async (request, response) => {
      const { authorization, accept, "content-type": type, "user-agent": agent } = request.headers;
      seen.push(request.method, request.url, authorization, accept, type, agent, await text(request));
      answer(response, 200, { kind: "X", "ü": "\u2028" });
    }, 10_000, "/prefix/");
    const body = { name: "ü" };
    const got = await client.request({ method: "PATCH", path: "/api/v1/a", query: { force: "true", x: "a b&c" }, body, contentType: "application/apply-patch+yaml", accept: "application/json;as=Table" });
    expect(seen).toEqual([
      "PATCH",
      "/prefix/api/v1/a?force=true&x=a+b%26c",
      "Bearer secret-token",
      "application/json;as=Table",
      "application/apply-patch+yaml",
      "stunner-serverless",
      JSON.stringify(body),
    ]);
    expect(got).toEqual({ status: 200, body: { kind: "X", "ü": "\u2028" }, bytes: Buffer.byteLength(JSON.stringify({ kind: "X", "ü": "\u2028" })) });
  });

  test("asks for JSON and sends JSON unless told otherwise", async () => {
    const seen: unknown[] = [];
    const { client } = await clientOf((request, response) => {
      seen.push([request.headers.accept, request.headers["content-type"], request.headers["content-length"]]);
      answer(response, 200, {});
    });
    await client.request({ method: "GET", path: "/" });
    await client.request({ method: "POST", path: "/", body: {} });
    expect(seen).toEqual([
      ["application/json", undefined, undefined],
      ["application/json", "application/json", "2"],
    ]);
  });

  test("has its answer parsed as it asks, where that is no refusal", async () => {
    const bodies = ["one", "{", '{"reason":"Forbidden","kind":"Status","code":403}'];
    const { client } = await clientOf((_request, response) => answer(response, bodies.length === 1 ? 403 : 200, bodies.shift()));
    const ask = (parse: (bytes: Buffer) => unknown) => client.request({ method: "GET", path: "/x", parse });
    expect(await ask((bytes) => bytes.length)).toMatchObject({ body: 3, bytes: 3 });
    expect(await failure(ask((bytes) => JSON.parse(bytes.toString())))).toMatchObject({ code: "BadAnswer" });
    expect(await failure(ask(() => "never asked"))).toMatchObject({ code: "Forbidden" });
  });

  test("goes over TLS with the authority of the kubeconfig, and to nobody else", async () => {
    const [cert, key] = [pem("one.crt"), pem("one.key")];
    const peer = await startPeer((_request, response) => answer(response, 200, {}), { cert, key });
    opened.push(peer);
    const cluster = { "certificate-authority-data": Buffer.from(cert).toString("base64"), "tls-server-name": "one.turn.example" };
    const known = createKubeClient(kubeconfigFor(peer.url, undefined, cluster));
    const stranger = createKubeClient(kubeconfigFor(peer.url));
    opened.push(known, stranger);
    expect((await known.request({ method: "GET", path: "/" })).status).toBe(200);
    expect(await failure(stranger.request({ method: "GET", path: "/" }))).toMatchObject({ code: "Unreachable", status: 0, retryable: true });
    expect(peer.heard).toHaveLength(1);
  });

  test("goes through the proxy that the kubeconfig names", async () => {
    const peer = await startPeer((_request, response) => answer(response, 200, {}));
    const asked: unknown[] = [];
    const proxy = createServer().on("connect", (request, socket) => {
      asked.push(request.url);
      const tunnel = connect(Number(new URL(peer.url).port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        tunnel.pipe(socket).pipe(tunnel);
      });
    });
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    const { port } = proxy.address() as AddressInfo;
    const client = createKubeClient(kubeconfigFor("http://api.invalid", undefined, { "proxy-url": `http://127.0.0.1:${port}` }));
    opened.push(proxy, peer, client);
    await client.request({ method: "GET", path: "/api" });
    expect(asked).toEqual(["api.invalid:80"]);
    expect(peer.heard).toEqual(["GET /api"]);
  });

  test("is sent only where it is permitted, at each try", async () => {
    const { client, peer } = await clientOf((_request, response) => answer(response, 503, {}));
    const lost = new Error("the lease is over");
    let permits = 2;
    const permit = async (): Promise<void> => {
      if (permits-- === 0) throw lost;
    };
    const retrying = withRetries(client, { attempts: 5, firstDelay: 1, longestDelay: 10, budget: 10_000 });
    await expect(retrying.request({ method: "PUT", path: "/", permit })).rejects.toBe(lost);
    expect(peer.heard).toHaveLength(2);
  });

  test("needs a cluster to go to", () => {
    expect(() => createKubeClient(new KubeConfig())).toThrow("the kubeconfig's current context has no cluster with a server");
    expect(() => createKubeClient(kubeconfigFor("nonsense"))).toThrow(KubeError);
  });

  test("goes over few connections, each used again", async () => {
    let connections = 0;
    const sockets = new WeakSet();
    const { client } = await clientOf((request, response) => {
      if (!sockets.has(request.socket)) connections++;
      sockets.add(request.socket);
      answer(response, 200, {});
    });
    for (let i = 0; i < 5; i++) await client.request({ method: "GET", path: "/" });
    expect(connections).toBe(1);
    await Promise.all(Array.from({ length: 100 }, () => client.request({ method: "GET", path: "/" })));
    expect(connections).toBeLessThanOrEqual(32);
  });

  test("is sent again where the idle connection had been closed meanwhile", async () => {
    const { client, peer } = await clientOf((request, response) => {
      if (peer.heard.length === 2) request.socket.destroy();
      else answer(response, 200, {});
    });
    await client.request({ method: "GET", path: "/first" });
    expect((await client.request({ method: "GET", path: "/second" })).status).toBe(200);
    expect(peer.heard).toEqual(["GET /first", "GET /second", "GET /second"]);
  });
});

describe("a refusal", () => {
  test("has the server's reason, message and fields", async () => {
    const causes = [{ field: "spec.b" }, { field: "spec.a" }, { field: "spec.b" }, { message: "no field" }];
    const error = await refused(422, statusOf(422, "Invalid", { message: "it is invalid", details: { causes } }));
    expect(error).toMatchObject({ code: "Invalid", status: 422, retryable: false, message: "GET /api/v1/pods: it is invalid", fields: ["spec.a", "spec.b"] });
  });

  test.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [409, false],
    [410, false],
    [422, false],
    [408, true],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
  ])("of status %d may be repeated: %s", async (status, retryable) => {
    expect(await refused(status, "<html>no Status</html>")).toMatchObject({ code: `Http${status}`, status, retryable, message: `GET /api/v1/pods: HTTP ${status}` });
  });

  test("of something else than an API server has no reason", async () => {
    expect(await refused(404, { reason: "NotFound", message: "x" })).toMatchObject({ code: "Http404" });
    expect(await refused(404, statusOf(404, "NotFound"))).toMatchObject({ code: "NotFound" });
    expect(await refused(403, statusOf(403, "", { details: { causes: null } }))).toMatchObject({ code: "Http403", fields: [] });
  });

  test("says how long to wait: the header in seconds or as a date, else the Status", async () => {
    const soon = new Date(Date.now() + 7_000).toUTCString();
    expect((await refused(429, {}, { "retry-after": "3" })).retryAfter).toBe(3000);
    expect((await refused(429, {}, { "retry-after": "0" })).retryAfter).toBe(0);
    const byDate = (await refused(503, {}, { "retry-after": soon })).retryAfter ?? 0;
    expect(byDate).toBeGreaterThan(4_000);
    expect(byDate).toBeLessThanOrEqual(7_000);
    expect((await refused(503, {}, { "retry-after": new Date(0).toUTCString() })).retryAfter).toBe(0);
    expect((await refused(429, statusOf(429, "TooManyRequests", { details: { retryAfterSeconds: 2 } }))).retryAfter).toBe(2000);
    expect((await refused(429, {}, { "retry-after": "soon" })).retryAfter).toBeUndefined();
  });

  test("of a write of what may be secret does not repeat the server's words", async () => {
    const body = statusOf(403, "Forbidden", { message: "webhook denied: password=hunter2" });
    for (const path of ["/api/v1/namespaces/x/configmaps/y", "/api/v1/namespaces/x/secrets"]) {
      expect((await refused(403, body, {}, { method: "POST", path, body: { data: "hunter2" } })).message).toBe(`POST ${path}: Forbidden`);
      expect((await refused(403, body, {}, { path })).message).toContain("webhook denied");
    }
    expect((await refused(500, "", {}, { method: "PUT", path: "/api/v1/namespaces/x/secrets/y" })).message).toContain("HTTP 500");
  });

  test("is short", async () => {
    expect((await refused(400, statusOf(400, "BadRequest", { message: "x".repeat(100_000) }))).message.length).toBeLessThan(1100);
  });
});

describe("what is no answer", () => {
  test.each([
    ["no JSON", 200, "<html>"],
    ["empty", 200, ""],
    ["a redirection", 302, "{}"],
  ])("%s", async (_what, status, body) => {
    const { client } = await clientOf((_request, response) => answer(response, status, body, { location: "/elsewhere" }));
    expect(await failure(client.request({ method: "GET", path: "/" }))).toMatchObject({ code: "BadAnswer", status: 0, retryable: true });
  });

  test("a cut connection, before the status or after it", async () => {
    const { client } = await clientOf((request, response) => {
      if (request.url === "/before") request.socket.destroy();
      else response.writeHead(200, { "content-length": "100" }).write("{", () => request.socket.destroy());
    });
    for (const path of ["/before", "/after"]) {
      expect(await failure(client.request({ method: "GET", path }))).toMatchObject({ code: "Unreachable", status: 0, retryable: true });
    }
  });

  test("a server that is not there", async () => {
    const peer = await startPeer(() => undefined);
    const client = createKubeClient(kubeconfigFor(peer.url));
    await peer.close();
    expect(await failure(client.request({ method: "GET", path: "/" }))).toMatchObject({ code: "Unreachable", message: expect.stringContaining("ECONNREFUSED") as string });
  });

  test("silence, before the status or after it", async () => {
    const { client } = await clientOf((request, response) => {
      if (request.url === "/after") response.writeHead(200).write("{");
    }, 150);
    for (const path of ["/before", "/after"]) {
      const error = await failure(client.request({ method: "GET", path }));
      expect(error).toMatchObject({ code: "Timeout", status: 0, retryable: true, message: `GET ${path}: no answer within 150 ms` });
    }
    expect(await failure(client.request({ method: "GET", path: "/before", timeout: 20 }))).toMatchObject({ message: "GET /before: no answer within 20 ms" });
  });

  test("what the caller gives up, before, in the middle and after", async () => {
    const { client } = await clientOf((request, response) => {
      if (request.url === "/after") response.writeHead(200).write("{");
    });
    const given = { code: "Aborted", status: 0, retryable: false };
    expect(await failure(client.request({ method: "GET", path: "/before", signal: AbortSignal.abort() }))).toMatchObject(given);
    for (const path of ["/before", "/after"]) {
      expect(await failure(client.request({ method: "GET", path, signal: AbortSignal.timeout(50) }))).toMatchObject(given);
    }
    const all = new AbortController();
    const bound = withSignal(client, all.signal);
    const [one, other] = [bound.request({ method: "GET", path: "/before" }), bound.request({ method: "GET", path: "/after", signal: new AbortController().signal })];
    all.abort();
    expect([await failure(one), await failure(other)]).toMatchObject([given, given]);
    const lines: unknown[] = [];
    for await (const line of bound.watch({ path: "/before" })) lines.push(line);
    expect(lines).toEqual([]);
  });

  test("an answer that is too large ends the connection", async () => {
    const peer = await startPeer((_request, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write("x".repeat(1000), more);
      };
      more();
    });
    opened.push(peer);
    const [response] = (await once(get(peer.url), "response")) as [IncomingMessage];
    const error = await failure(readAnswer(response, { method: "GET", path: "/" }, 5_000));
    expect(error).toMatchObject({ code: "BadAnswer", retryable: false });
    expect(response.destroyed).toBe(true);
  });
});

describe("credentials", () => {
  test("that a program gives are used", async () => {
    const seen: unknown[] = [];
    const peer = await startPeer((request, response) => {
      seen.push(request.headers.authorization);
      answer(response, 200, {});
    });
    const credential = JSON.stringify({ status: { token: "made" } });
    const client = createKubeClient(kubeconfigFor(peer.url, program(`console.log(${JSON.stringify(credential)})`)));
    opened.push(peer, client);
    await client.request({ method: "GET", path: "/" });
    expect(seen).toEqual(["Bearer made"]);
  });

  test("that a program does not give are told without its words", async () => {
    const client = createKubeClient(kubeconfigFor("http://127.0.0.1:1", program("console.error('hunter2'); process.exit(1)")));
    const error = await failure(client.request({ method: "GET", path: "/" }));
    expect(error).toMatchObject({ code: "NoCredentials", status: 0, retryable: true });
    expect(error.message).not.toContain("hunter2");
  });

  test("are not waited for for ever", async () => {
    const client = createKubeClient(kubeconfigFor("http://127.0.0.1:1", program("setTimeout(() => {}, 1500)")), { timeout: 50 });
    expect(await failure(client.request({ method: "GET", path: "/" }))).toMatchObject({ code: "Timeout" });
  });
});

describe("a watch", () => {
  test("gives each line as JSON, wherever the bytes were cut", async () => {
    const whole = Buffer.from(`{"a":"ü\u2028"}\n\n{"b":2}\n{"c":3}`);
    const { client, peer } = await clientOf(async (_request, response) => {
      for (const byte of whole) {
        response.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      response.end();
    });
    expect(await read(client)).toEqual([{ a: "ü\u2028" }, { b: 2 }, { c: 3 }]);
    expect(peer.heard).toEqual(["GET /w?watch=true"]);
  });

  test("outlasts the limit of a request once it has begun, and not before", async () => {
    let silent = true;
    const { client } = await clientOf((_request, response) => {
      if (silent) return;
      response.writeHead(200).flushHeaders();
      setTimeout(() => response.end("{}\n"), 300);
    }, 100);
    expect(await failure(read(client))).toMatchObject({ code: "Timeout" });
    silent = false;
    expect(await read(client)).toEqual([{}]);
  });

  test("fails where it is refused, cut off or no JSON", async () => {
    let how = "";
    const { client } = await clientOf((request, response) => {
      if (how === "refused") answer(response, 410, statusOf(410, "Expired"));
      else if (how === "moved") answer(response, 301, "");
      else if (how === "half") response.end('{"a":1}\n{"b');
      else response.writeHead(200, { "content-length": "100" }).write('{"a":1}\n', () => request.socket.destroy());
    });
    for (const [kind, code] of [["refused", "Expired"], ["moved", "BadAnswer"], ["half", "BadAnswer"], ["cut", "Unreachable"]] as const) {
      how = kind;
      expect(await failure(read(client))).toMatchObject({ code });
    }
  });

  test("ends without a word when it is given up, and closes its connection", async () => {
    const closed: Promise<unknown>[] = [];
    const { client } = await clientOf((request, response) => {
      closed.push(once(request.socket, "close"));
      response.writeHead(200).write('{"a":1}\n');
    });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    expect(await read(client, stop.signal)).toEqual([{ a: 1 }]);
    expect(await read(client, undefined, 1)).toEqual([{ a: 1 }]);
    expect(await read(client, AbortSignal.abort())).toEqual([]);
    expect(closed).toHaveLength(2);
    await Promise.all(closed);
  });

  test("does not keep requests from their connections", async () => {
    const { client } = await clientOf((request, response) => {
      if (request.url?.startsWith("/w")) response.writeHead(200).write("{}\n");
      else answer(response, 200, {});
    });
    const stop = new AbortController();
    const watches = Array.from({ length: 40 }, () => read(client, stop.signal));
    expect((await client.request({ method: "GET", path: "/" })).status).toBe(200);
    stop.abort();
    await Promise.all(watches);
  });
});
