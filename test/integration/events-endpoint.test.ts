import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, request, type IncomingMessage, type OutgoingHttpHeaders, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEventEndpoint, type EventOutcome } from "../../functions/local/events.ts";
import type { Change } from "../../shared/events/change.ts";
import { MAX_EVENT_BYTES } from "../../shared/events/decode.ts";
import { eventPath, isEventUrl, parseEventPath } from "../../shared/events/event-path.ts";
import { isValidToken } from "../../shared/events/event-token.ts";

const TOKEN = "0123456789abcdef";
const OLD_TOKEN = "before-rotation";
const REVIEW = (JSON.parse(readFileSync(join(import.meta.dirname, "../unit/events/recorded/reviews.json"), "utf8")) as Record<string, unknown>)["gateway-create"];
const WRONG = '{"code":403,"message":"The cluster or the token is wrong"}\n';
const JSON_TYPE = { "content-type": "application/json" };

let server: Server;
let port = 0;
const changes: Change[] = [];
const outcomes: EventOutcome[] = [];

const offer = (change: Change): void => void changes.push(change);

beforeAll(async () => {
  const handle = createEventEndpoint(
    new Map([
      ["one", { tokens: [TOKEN, OLD_TOKEN], offer }],
      ["without-token", { tokens: [], offer }],
    ]),
    (outcome) => outcomes.push(outcome),
  );
  server = createServer((req, res) => void handle(req, res));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  changes.length = 0;
  outcomes.length = 0;
});

async function send(body: string | Buffer, options: { path?: string; method?: string; headers?: OutgoingHttpHeaders } = {}) {
  const { path = eventPath({ cluster: "one", token: TOKEN }), method = "POST", headers = JSON_TYPE } = options;
  const sent = request({ host: "127.0.0.1", port, path, method, headers });
  sent.on("error", () => undefined);
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe("the event endpoint", () => {
  it("answers a review at once, with its uid, and offers the change", async () => {
    const began = performance.now();
    const answer = await send(JSON.stringify(REVIEW));
    expect(performance.now() - began).toBeLessThan(500);
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
    expect(JSON.parse(answer.body)).toMatchObject({ kind: "AdmissionReview", response: { allowed: true } });
    expect(changes).toMatchObject([{ kind: "Gateway", name: "gw", operation: "create" }]);
    expect(outcomes).toEqual([{ cluster: "one", status: 200, changes: 1 }]);
  });

  it("accepts audit events and CloudEvents without a word", async () => {
    const audit = readFileSync(join(import.meta.dirname, "../unit/events/recorded/audit.json"));
    expect(await send(audit)).toMatchObject({ status: 202, body: "" });
    expect(changes.length).toBeGreaterThan(10);
    const data = { apiVersion: "v1", kind: "Secret", namespace: "a", name: "b" };
    const headers = { ...JSON_TYPE, "ce-specversion": "1.0", "ce-id": "1", "ce-source": "x", "ce-type": "dev.knative.apiserver.ref.update" };
    expect(await send(JSON.stringify(data), { headers })).toMatchObject({ status: 202 });
    expect(changes.at(-1)).toMatchObject({ kind: "Secret", name: "b" });
  });

  it("takes the token from before a rotation, too", async () => {
    expect(await send(JSON.stringify(REVIEW), { path: eventPath({ cluster: "one", token: OLD_TOKEN }) })).toMatchObject({ status: 200 });
  });

  it.each([
    ["a wrong token", "one", "wrong"],
    ["a token that begins like the right one", "one", TOKEN.slice(0, -1)],
    ["an unknown cluster", "two", TOKEN],
    ["a cluster without tokens", "without-token", TOKEN],
    ["a name of every object", "constructor", TOKEN],
  ])("refuses %s in the same words", async (_what, cluster, token) => {
    expect(await send(JSON.stringify(REVIEW), { path: eventPath({ cluster, token }) })).toMatchObject({ status: 403, body: WRONG });
    expect(changes).toEqual([]);
    expect(outcomes).toEqual([{ status: 403, message: "The cluster or the token is wrong", changes: 0 }]);
  });

  it.each(["/v1/clusters/one/events", "/v1/clusters/one/events/", "/v1/clusters/one/events/a/b", "/v1/clusters/%zz/events/a", "/"])("knows no %s", async (path) => {
    expect(await send("{}", { path })).toMatchObject({ status: 404 });
  });

  it("answers nothing but POST", async () => {
    expect(await send("", { method: "GET" })).toMatchObject({ status: 405, headers: { allow: "POST" } });
    expect(await send("", { method: "DELETE", path: eventPath({ cluster: "two", token: "x" }) })).toMatchObject({ status: 405 });
  });

  it("refuses what it cannot read, and says what it can", async () => {
    expect(await send("x", { headers: { "content-type": "text/plain" } })).toMatchObject({ status: 415 });
    expect(await send("{", {})).toMatchObject({ status: 400 });
    expect(await send("{}", {})).toMatchObject({ status: 422, body: expect.stringContaining("admission.k8s.io/v1 AdmissionReview") });
    expect(outcomes.map(({ cluster, status }) => [cluster, status])).toEqual([["one", 415], ["one", 400], ["one", 422]]);
  });

  it("does not tell the token in an outcome", async () => {
    for (const path of [eventPath({ cluster: "one", token: TOKEN }), eventPath({ cluster: "two", token: TOKEN })]) await send("{", { path });
    expect(JSON.stringify(outcomes)).not.toContain(TOKEN);
  });

  it("refuses too large a body by its announced length, before it is sent", async () => {
    const sent = request({ host: "127.0.0.1", port, path: eventPath({ cluster: "one", token: TOKEN }), method: "POST", headers: { ...JSON_TYPE, "content-length": MAX_EVENT_BYTES + 1 } });
    sent.on("error", () => undefined);
    sent.flushHeaders();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    sent.destroy();
  });

  it("refuses too large a body that comes in pieces, and closes the connection", async () => {
    const sent = request({ host: "127.0.0.1", port, path: eventPath({ cluster: "one", token: TOKEN }), method: "POST", headers: { ...JSON_TYPE, "transfer-encoding": "chunked" } });
    sent.on("error", () => undefined);
    sent.write(Buffer.alloc(MAX_EVENT_BYTES));
    sent.write(Buffer.alloc(16));
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    expect(response.headers.connection).toBe("close");
    sent.destroy();
  });

  it("takes a body of the largest size", async () => {
    const body = Buffer.concat([Buffer.from(JSON.stringify(REVIEW)), Buffer.alloc(MAX_EVENT_BYTES, 0x20)]).subarray(0, MAX_EVENT_BYTES);
    expect(await send(body)).toMatchObject({ status: 200 });
  });

  it("forgets who leaves in the middle of a word", async () => {
    const closed = new Promise<void>((resolve) => server.once("connection", (socket) => socket.once("close", () => resolve())));
    const socket = connect(port, "127.0.0.1");
    socket.write(`POST ${eventPath({ cluster: "one", token: TOKEN })} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a"`);
    await once(socket, "connect");
    setImmediate(() => socket.destroy());
    await closed;
    expect(await send(JSON.stringify(REVIEW))).toMatchObject({ status: 200 });
    expect(outcomes).toHaveLength(1);
  });
});

describe("paths and tokens", () => {
  it("survive any name and token", () => {
    for (const path of [{ cluster: "prod-eu", token: "a" }, { cluster: "a_B-1", token: "x y?z#" }]) expect(parseEventPath(eventPath(path))).toEqual(path);
    expect(parseEventPath("/v1/clusters/one/events/abc?timeout=1s")).toEqual({ cluster: "one", token: "abc" });
    expect([isEventUrl("/v1/clusters/x"), isEventUrl("/api/v1/configs")]).toEqual([true, false]);
  });

  it("without a token, or where there is none, nobody is let in", () => {
    expect(isValidToken("", [""])).toBe(false);
    expect(isValidToken("", undefined)).toBe(false);
    expect(isValidToken("a", [])).toBe(false);
    expect(isValidToken("a", ["b", "a"])).toBe(true);
  });
});
