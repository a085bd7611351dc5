import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { IceConfiguration } from "../../shared/credentials/index.ts";
import { directoryOf, run, startServe, type RunningServe } from "../support/running-serve.ts";

const KEYS = ["key-in-the-environment", "first-key-in-the-file", "second-key-in-the-file"];
const manifests = (namespace: string, user: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: stunner }
spec:
  controllerName: stunner.l7mp.io/gateway-operator
  parametersRef: { group: stunner.l7mp.io, kind: GatewayConfig, name: config, namespace: ${namespace} }
---
apiVersion: stunner.l7mp.io/v1
kind: GatewayConfig
metadata: { namespace: ${namespace}, name: config }
spec: { authType: static, userName: ${user}, password: planted-${user} }
---
apiVersion: stunner.l7mp.io/v1
kind: Dataplane
metadata: { name: default }
spec: { image: l7mp/stunnerd:1.2.1 }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { namespace: ${namespace}, name: public }
spec:
  gatewayClassName: stunner
  addresses: [{ value: 203.0.113.10 }]
  listeners: [{ name: udp, protocol: TURN-UDP, port: 3478 }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { namespace: ${namespace}, name: private }
spec:
  gatewayClassName: stunner
  listeners: [{ name: udp, protocol: TURN-UDP, port: 3478 }]
`;

interface Directory {
  readonly path: string;
  remove(): Promise<void>;
}

async function ice(origin: string, path: string, key?: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${origin}${path}`, { headers: key === undefined ? {} : { Authorization: `Bearer ${key}` } });
  return { status: answer.status, body: await answer.text() };
}

describe("serve and ice", () => {
  let directory: Directory;
  let served: RunningServe;
  const storeOf = (): string => `file://${directory.path}/store`;
  beforeAll(async () => {
    directory = await directoryOf({ "m/all.yaml": manifests("media", "alice") });
    served = await startServe([`--manifests=${directory.path}/m`, `--out=${directory.path}/out`, `--store=${storeOf()}`]);
  });
  afterAll(async () => {
    await served.stop();
    await directory.remove();
  });
  const WANTED = { iceServers: [{ credential: "planted-alice", urls: ["turn:203.0.113.10:3478?transport=udp"], username: "alice" }], iceTransportPolicy: "all" };

  it("on loopback answers as the auth service does, without a key", async () => {
    const { status, body } = await ice(served.origin, "/ice?service=turn");
    expect({ status, body: JSON.parse(body) as unknown }).toEqual({ status: 200, body: WANTED });
    expect(await ice(served.origin, "/c/default/ice?service=turn")).toEqual({ status, body });
    expect((await ice(served.origin, "/?namespace=media&gateway=private&service=turn")).status).toBe(404);
    expect((await ice(served.origin, "/")).status).toBe(400);
  });

  it.each([
    ["of the store", () => [`--store=${storeOf()}`]],
    ["of the manifests", () => [`--manifests=${directory.path}/m`]],
    ["of the manifests and what serve wrote", () => [`--manifests=${directory.path}/m`, `--out=${directory.path}/out`]],
  ])("ice prints the same, %s", async (_, where) => {
    const { code, stdout, stderr } = await run(["ice", ...where()]);
    expect({ code, stderr, printed: JSON.parse(stdout) as unknown }).toEqual({ code: 0, stderr: "", printed: WANTED });
  });

  it("ice has the filters and formats of the service", async () => {
    const from = [`--store=${storeOf()}`];
    const yaml = await run(["ice", ...from, "-n", "media", "-g", "private", "-l", "udp", "--private-addr", "-o", "yaml"]);
    expect((parse(yaml.stdout) as IceConfiguration).iceServers.map(({ urls }) => urls)).toEqual([["turn:0.0.0.0:3478?transport=udp"]]);
    const token = await run(["ice", ...from, "--turn-credential", "--ttl=60", "--public-addr=turn.example.com", "--public-port=443"]);
    expect(JSON.parse(token.stdout)).toEqual({ password: "planted-alice", ttl: 60, uris: ["turn:turn.example.com:443?transport=udp"], username: "alice" });
    const table = await run(["ice", ...from, "-o", "table"]);
    expect(table.stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["GATEWAY", "USERNAME", "CREDENTIAL", "URL"],
      ["media/public", "alice", "planted-alice", "turn:203.0.113.10:3478?transport=udp"],
      [""],
    ]);
  });

  it.each<[string, () => string[], number, RegExp]>([
    ["nothing matches", () => [`--store=${storeOf()}`, "--namespace=nosuch"], 1, /^no valid listener found; --private-addr also takes/],
    ["there is no such cluster", () => [`--store=${storeOf()}`, "--cluster=nosuch"], 1, /^no valid listener found: nothing is published of cluster nosuch/],
    ["nobody says where", () => [], 2, /^say where the configurations are: --store=URL/],
    ["two places are named", () => [`--store=${storeOf()}`, `--manifests=${directory.path}/m`], 2, /^give either --store or --manifests/],
    ["the store is in memory", () => ["--store=memory:"], 2, /^--store=memory: is another one in each process/],
    ["the manifests are missing", () => ["--manifests=/does/not/exist"], 2, /^--manifests=\/does\/not\/exist: no such file/],
    ["what serve wrote is missing", () => [`--manifests=${directory.path}/m`, "--out=/does/not/exist"], 2, /^--out=\/does\/not\/exist: no such file/],
    ["a Gateway has no namespace", () => [`--store=${storeOf()}`, "--gateway=public"], 2, /^--gateway needs --namespace/],
    ["a listener has no Gateway", () => [`--store=${storeOf()}`, "-n", "media", "--listener=udp"], 2, /^--listener needs --namespace and --gateway/],
    ["the lifetime is none", () => [`--store=${storeOf()}`, "--ttl=soon"], 2, /give a number of seconds/],
    ["the port is none", () => [`--store=${storeOf()}`, "--public-port=70000"], 2, /^--public-port: "70000" is not accepted/],
  ])("ice says in a line that %s", async (_, args, code, line) => {
    const ended = await run(["ice", ...args()]);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: "" });
    expect(ended.stderr).toMatch(line);
  });

  it("writes no credentials to the log", () => {
    expect(served.lines.length).toBeGreaterThan(0);
    expect(served.lines.filter((line) => line.includes("planted-alice"))).toEqual([]);
  });
});

describe("serve with API keys and two clusters", () => {
  let directory: Directory;
  let served: RunningServe;
  beforeAll(async () => {
    directory = await directoryOf({ "one/all.yaml": manifests("media", "alice"), "two/all.yaml": manifests("media", "bob"), keys: `${KEYS[1]}\n\n  ${KEYS[2]}\n` });
    const entry = (name: string): object => ({ name, connect: { type: "directory", manifests: `${directory.path}/${name}`, out: `${directory.path}/out-${name}` } });
    served = await startServe(
      [`--clusters=${JSON.stringify([entry("one"), { ...entry("two"), apiKeys: ["key-of-the-second-cluster"] }])}`, `--api-keys-file=${directory.path}/keys`, "--cors-origins=*", "--credentials-rate=3"],
      { env: { STUNNER_API_KEYS: KEYS[0] ?? "" } },
    );
  });
  afterAll(async () => {
    await served.stop();
    await directory.remove();
  });

  it("asks for one, also on loopback", async () => {
    expect(await ice(served.origin, "/ice?service=turn")).toMatchObject({ status: 401 });
    for (const key of KEYS) expect(await ice(served.origin, "/ice?service=turn", key)).toMatchObject({ status: 200, body: expect.stringContaining("planted-alice") as string });
  });

  it("opens each cluster by its own", async () => {
    expect((await ice(served.origin, "/c/two/ice?service=turn", KEYS[0])).status).toBe(401);
    expect((await ice(served.origin, "/c/two/?service=turn", "key-of-the-second-cluster")).body).toContain("planted-bob");
    expect((await ice(served.origin, "/c/one/ice?service=turn", "key-of-the-second-cluster")).status).toBe(401);
    expect((await ice(served.origin, "/c/nosuch/ice?service=turn", KEYS[0])).status).toBe(401);
  });

  it("lets pages read, and nobody ask too much", async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => fetch(`${served.origin}/ice?service=turn`, { headers: { "X-API-Key": KEYS[2] ?? "", Origin: "https://a.example" } })));
    expect(new Set(answers.map(({ headers }) => headers.get("access-control-allow-origin")))).toEqual(new Set(["https://a.example"]));
    const late = answers.filter(({ status }) => status === 429);
    expect(late.length).toBeGreaterThan(0);
    expect(Number(late[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("writes no key to the log", () => {
    expect(served.lines.filter((line) => [...KEYS, "key-of-the-second-cluster"].some((key) => line.includes(key)))).toEqual([]);
  });
});

describe("serve with token keys", () => {
  let directory: Directory;
  let served: RunningServe;
  let keys = "";
  beforeAll(async () => {
    directory = await directoryOf({ "m/all.yaml": manifests("media", "alice") });
    keys = `--token-keys=${directory.path}/keys`;
    await run(["token", "rotate", keys]);
    served = await startServe([`--manifests=${directory.path}/m`, `--store=file://${directory.path}/store`, "--delivery=configmap", keys], { env: { STUNNER_API_KEYS: KEYS[0] ?? "" } });
  });
  afterAll(async () => {
    await served.stop();
    await directory.remove();
  });

  it.each([
    [["operator"], 200],
    [["operator", "--all-clusters"], 200],
    [["operator", "--cluster=other"], 403],
    [["events"], 403],
    [["config", "media/public"], 403],
  ])("token mint %j: %i", async (words, status) => {
    const { stdout } = await run(["token", "mint", ...words, keys, `--store=file://${directory.path}/store`]);
    expect(await ice(served.origin, "/ice?service=turn", stdout.trim())).toMatchObject({ status });
  });

  it("asks for a token or an API key", async () => {
    expect((await ice(served.origin, "/ice?service=turn")).status).toBe(401);
    expect((await ice(served.origin, "/ice?service=turn", KEYS[0])).status).toBe(200);
  });
});

describe("serve does not start", () => {
  it.each<[string[], Record<string, string>, RegExp]>([
    [[], { STUNNER_API_KEYS: "short" }, /^STUNNER_API_KEYS: a key has 16 characters and more/],
    [["--api-keys-file=/does/not/exist"], {}, /^--api-keys-file=\/does\/not\/exist: no such file/],
    [["--api-keys-file=/dev/null"], {}, /^--api-keys-file=\/dev\/null: there is no key in it/],
    [["--cors-origins=app.example.com"], {}, /^--cors-origins: "app.example.com" is not accepted/],
    [["--credentials-rate=-1"], {}, /^--credentials-rate: "-1" is not accepted/],
    [['--clusters=[{"name":"a","connect":{"type":"directory","manifests":"m","out":"o"},"apiKeys":["short"]}]'], {}, /cluster a: apiKeys\.0: a key has 16 characters and more/],
    [['--clusters=[{"name":"a","connect":{"type":"directory","manifests":"m","out":"o"},"apiKeys":[]}]'], {}, /cluster a: apiKeys: give at least one key/],
  ])("with %j and %j", async (args, env, line) => {
    const { code, stderr } = await run(["serve", "--config-discovery-address=127.0.0.1:0", ...args], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(line);
    expect(stderr).not.toContain("short\"");
  });
});
