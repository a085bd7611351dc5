import { createSecretKey, type KeyObject } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAccess, type TokenGateway } from "../../shared/access/access.ts";
import type { KeyRing } from "../../shared/access/key-ring.ts";
import { deriveToken, type TokenScope } from "../../shared/access/token.ts";
import { createGuard } from "../../shared/cds/guard.ts";
import type { CdsLimits } from "../../shared/cds/limits.ts";
import { createCds } from "../../shared/cds/server.ts";
import { exchange, handshake, plain, Watch, Wire, serveOn, until, type Running } from "./cds-harness.ts";
import { configText, MemorySource } from "./cds-source.ts";

const keyOf = (byte: number): KeyObject => createSecretKey(Buffer.alloc(32, byte));
const [FIRST, SECOND] = [keyOf(1), keyOf(2)];
const A: TokenGateway = { namespace: "ns", name: "a", uid: "uid-a" };
const B: TokenGateway = { namespace: "ns", name: "b", uid: "uid-b" };
const PATH_A = "/api/v1/configs/ns/a";
const NEEDS_TOKEN = '{"code":401,"message":"A bearer token is needed"}\n';
const WRONG_TOKEN = '{"code":403,"message":"The token does not open this"}\n';

let ring: KeyRing;
let running: Running;

const token = (scope: TokenScope, key = FIRST): string => deriveToken(key, scope);
const config = (gateway: TokenGateway, cluster = "one", key = FIRST): string => token({ purpose: "config", cluster, ...gateway }, key);
const operator = (cluster: string): string => token({ purpose: "operator", cluster });
const bearer = (text: string): string[] => [`Authorization: Bearer ${text}`];

async function start(limits: Partial<CdsLimits> = {}): Promise<void> {
  const source = new MemorySource();
  const guard = createGuard(createAccess(() => ring), "one", source);
  running = await serveOn(source, [createCds({ source, guard, limits }), createCds({ source, guard, limits, prefix: "/c/one" })]);
  source.uids = { "ns/a": A.uid, "ns/b": B.uid };
  source.set({ "ns/a": configText("ns/a"), "ns/b": configText("ns/b") });
}

beforeEach(() => {
  ring = { current: FIRST };
  return start();
});
afterEach(() => running.stop());

const get = (path: string, headers: string[] = []) => exchange(running.port, plain(path, "GET", headers));
const open = (path: string, headers: string[] = []) => exchange(running.port, handshake(`${path}?watch=true`, headers));
const watch = (path: string, text: string) => Watch.open(running.port, `${path}?watch=true`, { headers: { Authorization: `Bearer ${text}` } });

const status = async (text: string): Promise<number> => (await get(PATH_A, bearer(text))).status;
/** Plain and as a watch, all that is sent but the date. */
async function answersTo(path: string, headers: string[]): Promise<string[]> {
  const answers = [await get(path, headers), await open(path, headers)];
  return answers.map(({ head, body }) => `${head.replace(/^Date: .*\r\n/m, "")}${body}`);
}

describe("the token of a Gateway", () => {
  it("opens its config, plain and as a watch, with and without the prefix", async () => {
    for (const path of [PATH_A, `/c/one${PATH_A}`]) {
      expect(await get(path, bearer(config(A)))).toMatchObject({ status: 200, body: `${configText("ns/a")}\n` });
      expect(await (await watch(path, config(A))).next()).toBe(configText("ns/a"));
    }
  });

  const wrong: [string, () => string, number][] = [
    ["of another Gateway", () => config(B), 403],
    ["of another cluster", () => config(A, "two"), 403],
    ["of a Gateway of this name that was deleted", () => config({ ...A, uid: "uid-before" }), 403],
    ["of a Gateway without UID", () => config({ ...A, uid: "" }), 403],
    ["of another purpose", () => token({ purpose: "events", cluster: "one" }), 403],
    ["of an operator of another cluster", () => operator("two"), 403],
    ["by a key that is not valid any more", () => config(A, "one", SECOND), 403],
    ["that states another purpose", () => config(A).replace("config", "operator"), 403],
    ["that is truncated", () => config(A).slice(0, -1), 401],
    ["that is padded", () => `${config(A)}=`, 401],
    ["that is none", () => "hunter2", 401],
  ];

  it.each(wrong)("%s opens nothing", async (_what, text, code) => {
    const [told, wanted] = [code === 401 ? NEEDS_TOKEN : WRONG_TOKEN, { status: code }];
    for (const path of [PATH_A, `/c/one${PATH_A}`, "/api/v1/configs", "/api/v1/configs/ns"]) {
      expect(await get(path, bearer(text()))).toMatchObject({ ...wanted, body: told });
      expect(await open(path, bearer(text()))).toMatchObject({ ...wanted, body: told });
    }
  });

  it("opens no list", async () => {
    for (const path of ["/api/v1/configs", "/api/v1/configs/ns", "/c/one/api/v1/configs"]) {
      expect(await get(path, bearer(config(A)))).toMatchObject({ status: 403, body: WRONG_TOKEN });
      expect(await open(path, bearer(config(A)))).toMatchObject({ status: 403, body: WRONG_TOKEN });
    }
  });

  it("is sent as a bearer token or not at all", async () => {
    for (const headers of [[], [`Authorization: ${config(A)}`], [`Authorization: Basic ${config(A)}`], [`Cookie: token=${config(A)}`]]) {
      const { head, ...answer } = await get(`${PATH_A}?token=${config(A)}`, headers);
      expect(answer).toEqual({ status: 401, body: NEEDS_TOKEN });
      expect(head).toContain('WWW-Authenticate: Bearer realm="stunner-serverless"');
      expect(head).toContain("X-Content-Type-Options: nosniff");
    }
  });
});

describe("whether there is a Gateway", () => {
  it("is in no answer to who has no token for it", async () => {
    for (const headers of [[], bearer("x"), bearer(config(B)), bearer(token({ purpose: "events", cluster: "one" }))]) {
      expect(await answersTo("/api/v1/configs/ns/nothing", headers)).toEqual(await answersTo(PATH_A, headers));
      expect(await answersTo("/api/v1/configs/nowhere", headers)).toEqual(await answersTo("/api/v1/configs/ns", headers));
    }
  });

  it("or such a cluster is in no answer either", async () => {
    for (const headers of [[], bearer("x"), bearer(config(B)), bearer(operator("three"))]) {
      for (const path of [PATH_A, "/api/v1/configs", "/api/v1/license", "/api/v1/other"]) {
        expect(await answersTo(`/c/two${path}`, headers)).toEqual(await answersTo(`/c/one${path}`, headers));
      }
    }
  });

  it("is not told by how much is computed", () => {
    const real = createAccess(() => ring);
    const tried: number[] = [];
    const access = { ...real, check: (...[text, scopes]: Parameters<typeof real.check>) => (tried.push(scopes.length), real.check(text, scopes)) };
    const guard = createGuard(access, "one", running.source);
    for (const id of ["ns/a", "ns/nothing"]) guard.admit(bearer(config(B))[0]?.slice(15), { kind: "config", id, node: "", watch: false });
    expect(tried).toEqual([3, 3]);
  });

  it("is told to the operator", async () => {
    expect(await get("/api/v1/configs/ns/nothing", bearer(operator("one")))).toMatchObject({ status: 404 });
    expect(await get("/c/two/api/v1/configs", bearer(operator("")))).toMatchObject({ status: 404 });
  });
});

describe("an operator's token", () => {
  it.each(["one", ""])("of cluster %j opens lists and every config", async (cluster) => {
    const headers = bearer(operator(cluster));
    expect((await get("/api/v1/configs", headers)).body).toContain('"ns/b"');
    expect(await get(PATH_A, headers)).toMatchObject({ status: 200 });
    expect(await (await watch("/api/v1/configs", operator(cluster))).soFar()).toHaveLength(2);
  });
});

describe("while keys are rotated", () => {
  it("both open, then only the new one", async () => {
    const [before, after] = [config(A), config(A, "one", SECOND)];
    expect([await status(before), await status(after)]).toEqual([200, 403]);
    ring = { current: SECOND, previous: FIRST };
    expect([await status(before), await status(after)]).toEqual([200, 200]);
    ring = { current: SECOND };
    expect([await status(before), await status(after)]).toEqual([403, 200]);
  });

  it("a watch with the old key ends before it is told anything new", async () => {
    const [before, after] = [await watch(PATH_A, config(A)), await watch("/api/v1/configs", operator(""))];
    await Promise.all([before.soFar(), after.soFar()]);
    ring = { current: SECOND, previous: FIRST };
    running.source.set({ "ns/a": configText("ns/a", 1) });
    expect([await before.next(), await after.next()]).toEqual([configText("ns/a", 1), configText("ns/a", 1)]);
    ring = { current: SECOND };
    const { pushed } = running.cds.stats();
    const closed = [before.closed(), after.closed()];
    running.source.set({ "ns/a": configText("ns/a", 2) });
    expect(await Promise.all(closed)).toEqual([1008, 1008]);
    expect(running.cds.stats()).toMatchObject({ revoked: 2, pushed });
  });

  it("a watch with the old key ends also where nothing happens", async () => {
    await running.stop();
    await start({ heartbeat: 20 });
    const watching = await watch(PATH_A, config(A));
    ring = { current: SECOND };
    expect(await watching.closed()).toBe(1008);
  });
});

describe("a Gateway that is deleted", () => {
  it("is told of once, and its token does not open one of the same name", async () => {
    const watching = await watch(PATH_A, config(A));
    expect(await watching.next()).toBe(configText("ns/a"));
    running.source.set({ "ns/a": undefined });
    expect(JSON.parse(await watching.next())).toMatchObject({ admin: { name: "ns/a" } });
    expect(await get(PATH_A, bearer(config(A)))).toMatchObject({ status: 403, body: WRONG_TOKEN });
    running.source.uids = { "ns/a": "uid-new" };
    const closed = watching.closed();
    running.source.set({ "ns/a": configText("ns/a") });
    expect(await closed).toBe(1008);
    expect(await get(PATH_A, bearer(config(A)))).toMatchObject({ status: 403 });
    expect(await get(PATH_A, bearer(config({ ...A, uid: "uid-new" })))).toMatchObject({ status: 200 });
  });
});

describe("limits", () => {
  it("of watches per token are answered 429, and leave others alone", async () => {
    await running.stop();
    await start({ watchersPerToken: 2 });
    const [first] = [await watch(PATH_A, config(A)), await watch(PATH_A, config(A))];
    const refused = await open(PATH_A, bearer(config(A)));
    expect([refused.status, refused.body]).toEqual([429, '{"code":429,"message":"Too many watchers have this token"}\n']);
    await watch("/api/v1/configs/ns/b", config(B));
    first.ws.terminate();
    await until(() => running.cds.stats().watchers === 2);
    expect(await (await watch(PATH_A, config(A))).next()).toBe(configText("ns/a"));
  });
});

describe("before the configurations are loaded", () => {
  it("a token cannot be judged, and none is asked for first", async () => {
    running.source.ready = false;
    running.source.entries = new Map();
    expect(await get(PATH_A)).toMatchObject({ status: 401 });
    expect(await get(PATH_A, bearer(config(A)))).toMatchObject({ status: 503 });
    const wire = await Wire.open(running.port);
    expect(await wire.send(handshake(`${PATH_A}?watch=true`, bearer(config(A)))).head()).toMatch(/^HTTP\/1\.1 503 /);
  });
});
