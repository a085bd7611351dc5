import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configText } from "./cds-source.ts";
import { exchange, handshake, plain, run } from "./cds-harness.ts";
import type { IncomingHttpHeaders } from "node:http";
import type { Running } from "./cds-harness.ts";

let running: Running;

beforeEach(async () => {
  running = await run();
});

afterEach(() => running.stop());

interface Got {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

function get(path: string, method = "GET", headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const req = request({ port: running.port, host: "127.0.0.1", path, method, headers }, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.on("end", () => resolve({ status: res.statusCode, headers: res.headers, body: Buffer.concat(chunks).toString() }));
    });
    req.on("error", reject);
    req.end();
  });
}

describe("plain requests (spec/cds.md 2.1)", () => {
  it("a list of nothing", async () => {
    for (const path of ["/api/v1/configs", "/api/v1/configs/nowhere", "/api/v1/configs?watch=false"]) {
      const { status, headers, body } = await get(path);
      expect([status, headers["content-type"], body]).toEqual([200, "application/json", '{"items":[],"version":"v1"}\n']);
    }
  });

  it("lists and single configurations, byte for byte as published", async () => {
    const texts = { "ns1/b": configText("ns1/b"), "ns1/a": configText("ns1/a"), "ns10/a": configText("ns10/a") };
    running.source.set(texts);
    const [b, a, other] = [texts["ns1/b"], texts["ns1/a"], texts["ns10/a"]];
    expect((await get("/api/v1/configs")).body).toBe(`{"items":[${a},${b},${other}],"version":"v1"}\n`);
    expect((await get("/api/v1/configs/ns1")).body).toBe(`{"items":[${a},${b}],"version":"v1"}\n`);
    const single = await get("/api/v1/configs/ns1/b?unknown=1");
    expect([single.status, single.headers["content-type"], single.body]).toEqual([200, "application/json", `${b}\n`]);
    expect(single.headers["content-length"]).toBe(String(Buffer.byteLength(b) + 1));
  });

  it("the transcript of spec/cds.md 2.4", async () => {
    const missing = await get("/api/v1/configs/ns1/gw1");
    expect([missing.status, missing.headers["content-type"], missing.headers["content-length"]]).toEqual([404, "application/json", "57"]);
    expect(missing.body).toBe('{"code":404,"message":"Config not found for ID ns1/gw1"}\n');
    expect((await get("/api/v1/configs/ns1/gw1?watch=false")).body).toBe(missing.body);
  });

  it("the licence", async () => {
    const { status, headers, body } = await get("/api/v1/license");
    expect([status, headers["content-type"]]).toEqual([200, "application/json"]);
    expect(body).toBe('{"enabledFeatures":[],"subscriptionType":"free","lastUpdated":"N/A","lastError":""}\n');
  });

  it.each(["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])("%s is answered 405", async (method) => {
    for (const path of ["/api/v1/configs", "/api/v1/configs/ns1", "/api/v1/configs/ns1/gw1", "/api/v1/license"]) {
      const { status, headers, body } = await get(path, method);
      const told = method === "HEAD" ? "" : '{"code":405,"message":"Only GET is answered here"}\n';
      expect([status, headers["content-type"], headers.allow, body]).toEqual([405, "application/json", "GET", told]);
    }
  });

  it("unknown pages and doubled slashes", async () => {
    for (const path of ["/", "/api/v1/configs/", "/api/v1/configs/a/b/c", "/api/v1/configs/../x"]) {
      const { status, headers, body } = await get(path);
      expect([status, headers["content-type"], body]).toEqual([404, "application/json", '{"code":404,"message":"404 page not found"}\n']);
    }
    const moved = await get("//api/v1/configs");
    expect([moved.status, moved.headers["content-type"], moved.headers.location]).toEqual([301, undefined, "/api/v1/configs"]);
  });

  it("a watch that is no handshake, and one that is neither true nor false", async () => {
    for (const path of ["/api/v1/configs", "/api/v1/configs/ns1", "/api/v1/configs/ns1/gw1"]) {
      const watch = await get(`${path}?watch=true`);
      expect([watch.status, watch.headers["content-type"]]).toEqual([400, "text/plain; charset=utf-8"]);
      expect(watch.headers["sec-websocket-version"]).toBe("13");
      expect(watch.body).toMatch(/^Bad Request\nwebsocket: the client is not using the websocket protocol: .+\n$/);
      const maybe = await get(`${path}?watch=maybe`);
      expect([maybe.status, maybe.headers["content-type"]]).toEqual([400, "text/plain; charset=utf-8"]);
      expect(maybe.body).toMatch(/^Invalid format for parameter watch: accepted are 1, /);
    }
  });
});

describe("entity tags", () => {
  it("spare a client what it has", async () => {
    running.source.set({ "ns1/gw1": configText("ns1/gw1") });
    const first = await get("/api/v1/configs/ns1/gw1");
    const tag = first.headers.etag ?? "";
    const second = await get("/api/v1/configs/ns1/gw1", "GET", { "If-None-Match": tag });
    expect([second.status, second.body, second.headers.etag]).toEqual([304, "", tag]);
    running.source.set({ "ns1/gw1": configText("ns1/gw1", 4000) });
    const third = await get("/api/v1/configs/ns1/gw1", "GET", { "If-None-Match": tag });
    expect([third.status, third.body]).toEqual([200, `${configText("ns1/gw1", 4000)}\n`]);
    expect(third.headers.etag).not.toBe(tag);
  });

  it("are those of the text with the node's address in it", async () => {
    const { source } = running;
    source.set({ "ns1/gw1": configText("ns1/gw1", 3478, "__node_address_placeholder") });
    source.setNode("a", "203.0.113.7");
    const tag = (await get("/api/v1/configs/ns1/gw1?node=a")).headers.etag ?? "";
    expect((await get("/api/v1/configs/ns1/gw1?node=a", "GET", { "If-None-Match": tag })).status).toBe(304);
    expect((await get("/api/v1/configs/ns1/gw1?node=b", "GET", { "If-None-Match": tag })).status).toBe(200);
    source.setNode("a", "203.0.113.8");
    expect((await get("/api/v1/configs/ns1/gw1?node=a", "GET", { "If-None-Match": tag })).status).toBe(200);
  });
});

describe("node patching of plain requests (spec/cds.md 7)", () => {
  it("is done for single configurations, not for lists", async () => {
    const { source } = running;
    const placeholder = configText("ns1/gw1", 3478, "__node_address_placeholder");
    source.set({ "ns1/gw1": placeholder });
    source.setNode("a", "203.0.113.7");
    expect((await get("/api/v1/configs/ns1/gw1?node=a")).body).toBe(`${configText("ns1/gw1", 3478, "203.0.113.7")}\n`);
    for (const query of ["", "?node=", "?node=unknown"]) {
      expect((await get(`/api/v1/configs/ns1/gw1${query}`)).body).toBe(`${configText("ns1/gw1", 3478, "$STUNNER_ADDR")}\n`);
    }
    expect((await get("/api/v1/configs/ns1?node=a")).body).toBe(`{"items":[${placeholder}],"version":"v1"}\n`);
    expect((await get("/api/v1/configs?node=a")).body).toBe(`{"items":[${placeholder}],"version":"v1"}\n`);
  });
});

describe("a source that is not ready", () => {
  it("is said to be so, not taken for an empty one", async () => {
    running.source.ready = false;
    for (const path of ["/api/v1/configs", "/api/v1/configs/ns1", "/api/v1/configs/ns1/gw1"]) {
      const { status, headers, body } = await get(path);
      expect([status, headers["content-type"], headers["retry-after"]]).toEqual([503, "application/json", "1"]);
      expect(JSON.parse(body)).toEqual({ code: 503, message: "The configurations are not loaded yet" });
    }
    expect((await get("/api/v1/license")).status).toBe(200);
    expect((await get("/api/v1/configs/a/b/c")).status).toBe(404);
  });
});

describe("requests that ask for an upgrade but for no watch", () => {
  it("are answered as plain ones", async () => {
    running.source.set({ "ns1/gw1": configText("ns1/gw1") });
    const { port } = running;
    const config = await exchange(port, handshake("/api/v1/configs/ns1/gw1"));
    expect([config.status, config.body]).toEqual([200, `${configText("ns1/gw1")}\n`]);
    expect(config.head.toLowerCase()).toContain("connection: close");
    const http2 = await exchange(port, plain("/api/v1/license").replace("Connection: close", "Connection: Upgrade\r\nUpgrade: h2c"));
    expect(http2.status).toBe(200);
    expect((await exchange(port, handshake("/api/v1/configs?watch=no"))).status).toBe(400);
    expect((await exchange(port, handshake("/api/v1/configs/?watch=true"))).body).toBe('{"code":404,"message":"404 page not found"}\n');
    expect((await exchange(port, handshake("/api/v1/configs?watch=true").replace("GET", "POST"))).status).toBe(405);
    expect((await exchange(port, handshake("/api/v1/license?watch=true"))).status).toBe(200);
    const doubled = await exchange(port, handshake("/api/v1/configs//?watch=true"));
    expect([doubled.status, doubled.head.includes("Location: /api/v1/configs/?watch=true")]).toEqual([301, true]);
  });
});

it("a long list arrives whole", async () => {
  const pad = "p".repeat(9_000);
  const ids = Array.from({ length: 400 }, (_, index) => `ns/gw${String(index).padStart(3, "0")}`);
  running.source.set(Object.fromEntries(ids.map((id) => [id, JSON.stringify({ admin: { name: id }, pad })])));
  const { body, headers } = await get("/api/v1/configs");
  expect(headers["content-length"]).toBe(String(Buffer.byteLength(body)));
  const list: { items: { admin: { name: string } }[] } = JSON.parse(body);
  expect(list.items.map((item) => item.admin.name)).toEqual(ids);
});
