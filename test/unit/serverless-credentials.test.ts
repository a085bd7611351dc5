import { expect, test } from "vitest";
import { publish } from "../../shared/cds/publish.ts";
import { createCredentialsHandler } from "../../shared/serverless/handle-credentials.ts";
import { openContext } from "../../shared/serverless/context.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { publication } from "../integration/publish-support.ts";
import { config } from "./credentials-support.ts";
import { CLUSTERS, configToken, get, operatorToken, testCloud } from "./serverless-support.ts";

const OWN_KEY = "a-key-of-cluster-c-alone";
const COMMON_KEY = "a-key-of-the-secret-for-all";
const LIST = JSON.stringify([{ ...CLUSTERS[0], apiKeys: [OWN_KEY] }, CLUSTERS[1]]);

async function start() {
  const store = createMemoryStore();
  for (const cluster of ["c", "d"]) await publish(store, publication({}, { cluster, configs: new Map([["ns/a", { config: config("ns/a"), uid: "u" }]]) }));
  const cloud = testCloud({ STUNNER_CLUSTERS: LIST, STUNNER_API_KEYS_SECRET: "api-keys", STUNNER_CORS_ORIGINS: "https://app.example.com" }, store);
  cloud.secrets.set("api-keys", `${COMMON_KEY}\nshort\n`);
  return { cloud, store, handle: createCredentialsHandler(cloud.context) };
}

test("API keys of the cluster and of the secret, and tokens of operators, open the auth service", async () => {
  const { handle } = await start();
  for (const [url, key] of [["/ice?service=turn", OWN_KEY], ["/c/c/ice?service=turn", COMMON_KEY], ["/c/d/ice?service=turn", COMMON_KEY], ["/c/d/?service=turn", operatorToken("d")]] as const) {
    const answer = await handle(get(url, key));
    expect({ url, status: answer.status, body: answer.body }).toMatchObject({ status: 200, body: expect.stringContaining("turn:198.51.100.7:13478?transport=udp") });
    expect(answer.headers["Cache-Control"]).toBe("no-store");
  }
  expect((await handle(get("/ice?service=turn", OWN_KEY, { origin: "https://app.example.com" }))).headers["Access-Control-Allow-Origin"]).toBe("https://app.example.com");
});

test("others get nothing", async () => {
  const { handle } = await start();
  for (const [url, key, status] of [["/ice?service=turn", "", 401], ["/c/d/ice?service=turn", OWN_KEY, 401], ["/ice?service=turn", "short", 401], ["/ice?service=turn", configToken("ns/a", "u"), 403], ["/c/nowhere/ice?service=turn", COMMON_KEY, 401]] as const) {
    expect({ url, status: (await handle(get(url, key))).status }).toEqual({ url, status });
  }
  expect(await handle({ ...get("/ice?service=turn", OWN_KEY), method: "POST" })).toMatchObject({ status: 405 });
});

test("a key that is new in the secret opens once an old one was refused", async () => {
  const { handle, cloud } = await start();
  expect((await handle(get("/ice?service=turn", COMMON_KEY))).status).toBe(200);
  cloud.secrets.set("api-keys", "another-key-of-the-secret");
  cloud.time += 11_000;
  expect((await handle(get("/ice?service=turn", "another-key-of-the-secret"))).status).toBe(401);
  expect((await handle(get("/ice?service=turn", "another-key-of-the-secret"))).status).toBe(200);
  expect((await handle(get("/ice?service=turn", COMMON_KEY))).status).toBe(401);
});

test("a function without keys, list or usable clusters does not start, and says which setting is wrong", () => {
  const { context } = testCloud();
  const open = (env: Record<string, string>) => () => createCredentialsHandler(openContext({ ...context.cloud, env: { ...context.cloud.env, ...env } }));
  expect(open({ STUNNER_TOKEN_KEYS_SECRET: "" })).toThrow("STUNNER_TOKEN_KEYS_SECRET");
  expect(open({ STUNNER_CLUSTERS: "" })).toThrow("STUNNER_CLUSTERS");
  expect(open({ STUNNER_CLUSTERS: '[{"name":"a","connect":{"type":"directory","manifests":"/m","out":"/o"}}]' })).toThrow("cluster a: connect.type");
  expect(open({ STUNNER_MODE: "x", STUNNER_POLL_INTERVAL: "often" })).toThrow("STUNNER_POLL_INTERVAL");
});
