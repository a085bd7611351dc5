import { describe, expect, test } from "vitest";
import { formatKeyRing } from "../../shared/access/key-ring.ts";
import { publish, publishNodes } from "../../shared/cds/publish.ts";
import { createCdsHandler } from "../../shared/serverless/handle-cds.ts";
import { StoreError } from "../../shared/store/errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { publication, recording, rendered } from "../integration/publish-support.ts";
import { configToken, get, KEYS, operatorToken, ROTATED, testCloud } from "./serverless-support.ts";

const PATH = "/c/c/api/v1/configs/ns/a";
const TOKEN = configToken("ns/a", "u-ns/a");

/** Clusters `c` and `d`; what `broken` says is what every call of the store fails with. */
async function start(configs: Record<string, string> = { "ns/a": "one", "ns/b": "one", "other/c": "one" }) {
  const memory = createMemoryStore();
  await publish(memory, publication({}, { configs: rendered(configs, "u") }));
  const state: { broken?: Error } = {};
  const store = recording(memory, () => {
    if (state.broken) throw state.broken;
  });
  const cloud = testCloud({}, store);
  return { memory, store, state, cloud, handle: createCdsHandler(cloud.context) };
}

const outage = () => new StoreError("the store is gone", { code: "unreachable", retryable: true });

describe("CDS as a function", () => {
  test("gives a configuration to its Gateway's token, with an entity tag that is honoured", async () => {
    const { handle } = await start();
    const first = await handle(get(PATH, TOKEN));
    expect(first).toMatchObject({ status: 200, headers: { "Cache-Control": "private, no-store", Vary: "Authorization", "Stunner-Poll-Interval": "10" } });
    expect(JSON.parse(first.body)).toMatchObject({ version: "v1", admin: { name: "ns/a" }, auth: { realm: "one" } });
    const again = await handle(get(PATH, TOKEN, { "if-none-match": String(first.headers["ETag"]) }));
    expect(again).toMatchObject({ status: 304, body: "" });
  });

  test("shows a change at the next request after half a second, and asks for quick polls then", async () => {
    const { handle, memory, cloud } = await start();
    const first = await handle(get(PATH, TOKEN));
    await publish(memory, publication({}, { configs: rendered({ "ns/a": "two", "ns/b": "one", "other/c": "one" }, "u"), fence: 2, now: 2000 }));
    expect(await handle(get(PATH, TOKEN, { "if-none-match": String(first.headers["ETag"]) }))).toMatchObject({ status: 304 });
    cloud.time += 500;
    const changed = await handle(get(PATH, TOKEN, { "if-none-match": String(first.headers["ETag"]) }));
    expect(changed).toMatchObject({ status: 200, headers: { "Stunner-Poll-Interval": "1" } });
    expect(JSON.parse(changed.body)).toMatchObject({ auth: { realm: "two" } });
    // The other one has not changed.
    expect((await handle(get("/c/c/api/v1/configs/ns/b", configToken("ns/b", "u-ns/b")))).headers["Stunner-Poll-Interval"]).toBe("10");
  });

  test("on an instance that began after a change asks those for quick polls who have just got it, and from then on all who poll it", async () => {
    const { handle, memory, cloud } = await start();
    const ask = async (one: typeof handle, etag: string) => one(get(PATH, TOKEN, { "if-none-match": etag }));
    const before = String((await handle(get(PATH, TOKEN))).headers["ETag"]);
    await publish(memory, publication({}, { configs: rendered({ "ns/a": "two", "ns/b": "one", "other/c": "one" }, "u"), fence: 2, now: 2000 }));
    const other = createCdsHandler(cloud.context);
    const changed = await ask(other, before);
    expect(changed).toMatchObject({ status: 200, headers: { "Stunner-Poll-Interval": "1" } });
    expect(await ask(other, String(changed.headers["ETag"]))).toMatchObject({ status: 304, headers: { "Stunner-Poll-Interval": "1" } });
    // curl's word for an empty file of tags: a pod that is new, and has got no change.
    expect(await ask(createCdsHandler(cloud.context), '""')).toMatchObject({ status: 200, headers: { "Stunner-Poll-Interval": "10" } });
  });

  test("loads what is asked for and nothing else", async () => {
    const { handle, store } = await start();
    await handle(get(PATH, TOKEN));
    const configs = store.calls.filter((call) => call.includes("/configs/"));
    expect(configs).toHaveLength(1);
    expect(configs[0]).toMatch(/^get clusters\/c\/configs\/ns\/a\//);
    expect(store.calls.filter((call) => call.endsWith("nodes.json"))).toEqual([]);
  });

  test("a quiet poll costs one conditional read of the index", async () => {
    const { handle, store, cloud } = await start();
    await handle(get(PATH, TOKEN));
    store.calls.length = 0;
    cloud.time += 10_000;
    await handle(get(PATH, TOKEN));
    expect(store.calls).toEqual(["get clusters/c/index.json"]);
  });

  test("strangers cannot tell which clusters and Gateways there are, and load nothing", async () => {
    const { handle, store } = await start();
    const ask = async (path: string, token?: string) => ({ ...(await handle(get(path, token))) });
    const wrong = configToken("ns/a", "another-uid");
    expect(await ask(PATH)).toMatchObject({ status: 401 });
    expect(await ask(PATH, wrong)).toMatchObject({ status: 403 });
    expect(await ask("/c/nowhere/api/v1/configs/ns/a", wrong)).toEqual(await ask(PATH, wrong));
    expect(await ask("/c/c/api/v1/configs/ns/absent", wrong)).toEqual(await ask(PATH, wrong));
    expect(await ask("/c/c/api/v1/configs")).toMatchObject({ status: 401 });
    expect(await ask("/c/d/api/v1/configs/ns/a", TOKEN)).toMatchObject({ status: 403 });
    expect(store.calls.filter((call) => call.includes("/configs/"))).toEqual([]);
  });

  test("lists are for operators; without a prefix it is the first cluster", async () => {
    const { handle } = await start();
    const list = await handle(get("/c/c/api/v1/configs", operatorToken("c")));
    expect((JSON.parse(list.body) as { items: unknown[] }).items).toHaveLength(3);
    const some = await handle(get("/api/v1/configs/ns", operatorToken("")));
    expect((JSON.parse(some.body) as { items: unknown[] }).items).toHaveLength(2);
    expect(await handle(get("/c/c/api/v1/configs", operatorToken("d")))).toMatchObject({ status: 403 });
    expect(await handle(get("/c/d/api/v1/configs", operatorToken("d")))).toMatchObject({ status: 200, body: '{"items":[],"version":"v1"}\n' });
  });

  test("what was served is still served when the store is gone; what was not is not absent", async () => {
    const { handle, state, cloud } = await start();
    const first = await handle(get(PATH, TOKEN));
    state.broken = outage();
    cloud.time += 60_000;
    expect(await handle(get(PATH, TOKEN))).toEqual(first);
    expect(await handle(get("/c/c/api/v1/configs/ns/b", configToken("ns/b", "u-ns/b")))).toMatchObject({ status: 503, headers: { "Retry-After": "1" } });
    expect(await handle(get("/c/c/api/v1/configs", operatorToken("c")))).toMatchObject({ status: 503 });
    delete state.broken;
    expect(await handle(get("/c/c/api/v1/configs/ns/b", configToken("ns/b", "u-ns/b")))).toMatchObject({ status: 200 });
  });

  test("an instance that begins while the store is gone says so", async () => {
    const { handle, state, cloud } = await start();
    state.broken = outage();
    expect(await handle(get(PATH, TOKEN))).toMatchObject({ status: 503 });
    delete state.broken;
    cloud.time += 1000;
    expect(await handle(get(PATH, TOKEN))).toMatchObject({ status: 200 });
  });

  test("a Gateway that was made anew is another one: the old token opens nothing, and its old text goes to nobody", async () => {
    const { handle, memory, cloud, store } = await start();
    await handle(get(PATH, TOKEN));
    await publish(memory, publication({}, { configs: rendered({ "ns/a": "two" }, "v"), fence: 2, now: 2000 }));
    const index = JSON.parse(Buffer.from(await bodyOf(memory, "clusters/c/index.json")).toString()) as { configs: Record<string, { digest: string }> };
    await memory.delete(`clusters/c/configs/ns/a/${index.configs["ns/a"]?.digest}.json`);
    cloud.time += 1000;
    expect(await handle(get(PATH, TOKEN))).toMatchObject({ status: 403 });
    expect(await handle(get(PATH, configToken("ns/a", "v-ns/a")))).toMatchObject({ status: 503 });
    expect(store.calls.length).toBeGreaterThan(0);
  });

  test("keys that were rotated are read when a token does not fit, not for every wrong one", async () => {
    const { handle, cloud } = await start();
    expect(await handle(get(PATH, TOKEN))).toMatchObject({ status: 200 });
    cloud.secrets.set("keys", formatKeyRing(ROTATED));
    cloud.time += 11_000;
    const fresh = configToken("ns/a", "u-ns/a", ROTATED);
    expect(await handle(get(PATH, fresh))).toMatchObject({ status: 403 });
    expect(await handle(get(PATH, fresh))).toMatchObject({ status: 200 });
    expect(await handle(get(PATH, TOKEN))).toMatchObject({ status: 200 });
    cloud.secrets.set("keys", formatKeyRing({ current: ROTATED.current }));
    cloud.time += 6 * 60_000;
    expect(await handle(get(PATH, TOKEN))).toMatchObject({ status: 403 });
    expect(KEYS.current.equals(ROTATED.current)).toBe(false);
  });

  test("addresses of nodes are read where a configuration asks for them", async () => {
    const memory = createMemoryStore();
    const configs = rendered({ "ns/a": "one" }, "u");
    const [config] = [...configs.values()];
    if (!config) throw new Error("there is one");
    const listeners = [{ name: "l", protocol: "TURN-UDP" as const, address: "__node_address_placeholder", port: 3478 }];
    await publish(memory, publication({}, { configs: new Map([["ns/a", { ...config, config: { ...config.config, listeners } }]]) }));
    await publishNodes(memory, "c", new Map([["node-1", "203.0.113.5"]]));
    const handle = createCdsHandler(testCloud({}, memory).context);
    expect((await handle(get(`${PATH}?node=node-1`, TOKEN))).body).toContain('"address":"203.0.113.5"');
    expect((await handle(get(`${PATH}?node=node-2`, TOKEN))).body).toContain('"address":"$STUNNER_ADDR"');
  });

  test("a list that is more than a function can answer is refused in words", async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`ns/g${index}`, "x".repeat(200_000)]));
    const { handle } = await start(many);
    const answer = await handle(get("/c/c/api/v1/configs", operatorToken("c")));
    expect(answer).toMatchObject({ status: 500 });
    expect(answer.body).toContain("ask for less");
  });
});

async function bodyOf(store: ReturnType<typeof createMemoryStore>, key: string): Promise<Uint8Array> {
  const found = await store.get(key);
  if (found.status !== "found") throw new Error(`no ${key}`);
  return found.body;
}
