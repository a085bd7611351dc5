import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCredentialsEndpoint } from "../../functions/local/credentials.ts";
import { config, OPEN, sourceOf } from "../unit/credentials-support.ts";

let server: Server;
let port = 0;
let origin = "";

beforeAll(async () => {
  const clusters = [{ name: "one", source: sourceOf([config("media/gateway")]), apiKeys: [] }];
  const { handle } = createCredentialsEndpoint({ ...OPEN, clusters, origins: ["https://app.example.com"] });
  server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
  origin = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const request = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

/** Sends bytes and returns all that comes back until the server closes the connection. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  return text(socket);
}

describe("the auth service over HTTP", () => {
  it("answers on one connection after another request", async () => {
    const answers = await raw(request("/?service=turn") + request("/ice?service=turn") + request("/nosuch") + request("/ice", "Connection: close\r\n"));
    expect([...answers.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status)).toEqual(["200", "200", "404", "400"]);
    expect(answers).toContain('{"password":"pass-1","ttl":86400,"uris":["turn:198.51.100.7:13478?transport=udp"],"username":"user-1"}');
  });

  it("answers HEAD without a body", async () => {
    const answer = await raw("HEAD /ice?service=turn HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer.split("\r\n\r\n")[1]).toBe("");
  });

  it.each([
    ["with a length", "Content-Length: 9\r\n"],
    ["without an end", "Transfer-Encoding: chunked\r\n"],
  ])("reads no body %s, and says so at once", async (_, header) => {
    const answer = await raw(`GET /ice?service=turn HTTP/1.1\r\nHost: x\r\n${header}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/^Connection: close\r$/im);
    expect(answer).toContain('{"code":413,"message":"a request has no body here"}');
  });

  it("answers a preflight without a body", async () => {
    const headers = { Origin: "https://app.example.com", "Access-Control-Request-Method": "GET" };
    const answer = await fetch(`${origin}/ice`, { method: "OPTIONS", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(answer.headers.has("content-length")).toBe(false);
  });

  it("is never kept by a cache", async () => {
    const answer = await fetch(`${origin}/ice?service=turn`);
    expect([answer.headers.get("cache-control"), answer.headers.get("vary")]).toEqual(["no-store", "Origin"]);
  });
});
