import { readdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directoryOf, eventually, run, startServe, type RunningServe } from "../support/running-serve.ts";
import { answer, type Peer, startPeer, statusOf } from "../unit/kube-peer.ts";
import { createAuthority } from "./delivery/certificates.ts";
import { FILES, platform, REVIEWS, SECRETS, secretsIn, WRONG, type SecretName } from "./secrets-planted.ts";

let directory: Awaited<ReturnType<typeof directoryOf>>;
let api: Peer;
let server = "";
let served = "";
let running: RunningServe;
let port = 0;
const at = (...names: string[]): string => join(directory.path, ...names);
const settings = (): string[] => ["--delivery=pull", "--cds-url=https://cds.example.com", `--token-keys=${at("keys")}`];

interface Answered {
  readonly status: number;
  readonly said: string;
}

async function ask(path: string, { method = "GET", headers = {}, body = "" }: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const sent = request({ host: "127.0.0.1", port, path, method, headers, rejectUnauthorized: false, agent: false }, (res) => {
    text(res).then((all) => resolve({ status: res.statusCode ?? 0, said: `${JSON.stringify(res.headers)}\n${all}` }), reject);
  });
  sent.on("error", reject).end(body);
  return promise;
}

/** The texts of all files below, by path. */
async function filesIn(root: string): Promise<[string, string][]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (path): Promise<[string, string]> => [path.slice(root.length), await readFile(path, "utf8")]));
}

beforeAll(async () => {
  directory = await directoryOf({ ...FILES, "m/platform.yaml": platform(SECRETS.turnPassword), ...Object.fromEntries(Object.entries(WRONG).map(([name, content]) => [`m/${name}`, content])) });
  // An API server in trouble, which repeats what it was told.
  const identity = createAuthority(directory.path, "authority").sign("localhost");
  api = await startPeer(({ headers, url }, res) => answer(res, 403, statusOf(403, "Forbidden", { message: `${url}: ${headers.authorization}` })), identity);
  server = api.url.replace("127.0.0.1", "localhost");
  const clusters = [
    { name: "near", connect: { type: "directory", manifests: at("m"), out: at("out") } },
    { name: "far", connect: { type: "token", server, ca: identity.ca, token: SECRETS.kubeToken }, eventToken: SECRETS.eventToken, cdsUrl: "https://cds.example.com" },
  ];
  running = await startServe(
    [`--clusters=${JSON.stringify(clusters)}`, `--store=file://${at("store")}`, ...settings(), `--tls-cert=${at("tls.crt")}`, `--tls-key=${at("tls.key")}`,
      `--api-keys-file=${at("api-keys")}`, "--access-log", "--zap-log-level=debug"],
    { ready: false },
  );
  port = Number(/https:\/\/127\.0\.0\.1:(\d+)\//.exec(await running.line(/probes and metrics/))?.[1]);
  const operator = { Authorization: `Bearer ${SECRETS.operatorToken}` };
  await eventually(() => api.heard.length > 0);
  // It works: the configurations of the good Gateways are there, for who may see them.
  await eventually(async () => (await ask("/c/near/api/v1/configs", { headers: operator })).said.split('"version"').length >= 4);
  served = (await ask("/c/near/api/v1/configs", { headers: operator })).said;
  await writeFile(at("m/platform.yaml"), platform(SECRETS.newTurnPassword));
  await eventually(async () => (await ask("/c/near/api/v1/configs", { headers: operator })).said.includes(SECRETS.newTurnPassword));
});
afterAll(async () => {
  await running.stop();
  await api.close();
  await directory.remove();
});

it("planted secrets are found where they belong", () => {
  expect(secretsIn(served)).toEqual(expect.arrayContaining(["turnPassword", "sharedSecret", "listenerKey"] satisfies SecretName[]));
});

describe("planted secrets are in nothing that is said of", () => {
  it("requests that open nothing, with secrets in the wrong places", async () => {
    const values = Object.values(SECRETS).filter((secret) => !secret.includes("\n"));
    const paths = ["/", "/ice?service=turn", "/metrics", "/readyz", "/api/v1/configs", "/c/near/api/v1/configs/media/plain", "/c/far/ice", "/v1/clusters/far/events/x", "/v1/clusters/no/events/x"];
    const answers = await Promise.all(
      values.flatMap((secret) => [
        ask(`/${encodeURIComponent(secret)}`), ask(`/api/v1/configs/${encodeURIComponent(secret)}/x`), ask(`/c/near/${encodeURIComponent(secret)}`),
        ask(`/c/near/api/v1/configs/media/plain?watch=${encodeURIComponent(secret)}`, { headers: { Authorization: `Bearer ${SECRETS.nearToken}` } }),
        ask(`/c/near/ice?service=${encodeURIComponent(secret)}&public-addr=${encodeURIComponent(secret)}`, { headers: { "X-API-Key": SECRETS.apiKey } }),
        ...paths.map((path) => ask(path, { headers: { Cookie: secret, Authorization: `Basic ${secret}` } })),
      ]),
    );
    // What is asked about the service may be repeated to who asks, and has no secret in it but the one that was sent.
    const refused = answers.filter(({ status, said: all }) => status >= 400 && !all.includes("could not generate"));
    expect(refused.length).toBeGreaterThan(values.length * paths.length * 0.8);
    expect(secretsIn(refused.map((one) => one.said).join("\n"))).toEqual([]);
  });

  it("events that are judged, or cannot be read", async () => {
    const send = (body: string) => ask(`/v1/clusters/far/events/${SECRETS.eventToken}`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const answers = await Promise.all([...REVIEWS.map((review) => send(JSON.stringify(review))), send(JSON.stringify(REVIEWS[0]).slice(0, -3)), send(`"${SECRETS.reviewedPassword}"`)]);
    answers.push(await ask(`/v1/clusters/far/events/${SECRETS.eventsToken}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(REVIEWS[1]) }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 400, 422, 200]);
    for (const judged of answers.slice(0, 2)) expect(judged.said).toContain('"warnings":[');
    expect(secretsIn(answers.map((one) => one.said).join("\n"))).toEqual([]);
  });

  it("metrics and probes", async () => {
    const headers = { Authorization: `Bearer ${SECRETS.operatorToken}` };
    const answers = await Promise.all(["/metrics", "/readyz", "/healthz"].map((path) => ask(path, { headers })));
    expect(answers.map(({ status }) => status)).toEqual([200, 503, 200]);
    expect(answers[1]?.said).toContain("cluster far");
    expect(secretsIn(answers.map((one) => one.said).join("\n"))).toEqual([]);
  });

  it("verbs, what they print of differences and of what is wrong included", { timeout: 150_000 }, async () => {
    const places = [`--manifests=${at("m")}`, `--out=${at("out")}`, "--cluster=near", `--store=file://${at("store")}`];
    await running.stop();
    await writeFile(at("m/platform.yaml"), platform(SECRETS.turnPassword));
    const kubeconfig = at("kubeconfig");
    const [cluster, user] = [{ server, "insecure-skip-tls-verify": true }, { token: SECRETS.kubeToken }];
    await writeFile(kubeconfig, JSON.stringify({ "current-context": "x", contexts: [{ name: "x", context: { cluster: "c", user: "u" } }], clusters: [{ name: "c", cluster }], users: [{ name: "u", user }] }));
    const calls = [
      ["diff", ...places, ...settings()], ["diff", "-o", "json", ...places, ...settings()], ["reconcile", "--dry-run", "-o", "json", ...places, ...settings()],
      ["reconcile", "-o", "json", ...places, ...settings()], ["teardown", ...places], ["render", "-f", at("m"), "-o", "table", ...settings()],
      ["reconcile", `--kubeconfig=${kubeconfig}`, ...settings()], ["diff", `--kubeconfig=${kubeconfig}`, ...settings()], ["token", "verify", at("keys"), `--token-keys=${at("keys")}`],
      ["token", "verify", at("api-keys"), `--token-keys=${at("keys")}`], ["ice", "--namespace=nosuch", ...places.slice(2)], ["serve", `--token-keys=${SECRETS.apiKey}`, "--delivery=configmap"],
      ["serve", `--tls-cert=${at("tls.key")}`, `--tls-key=${at("tls.key")}`, "--delivery=configmap", `--manifests=${at("m")}`], ["serve", `--clusters=[{"name":"${SECRETS.apiKey}`],
    ];
    for (const call of calls) {
      const { stdout, stderr } = await run(call, { env: { STUNNER_API_KEYS: SECRETS.apiKey } });
      expect({ call: call.slice(0, 3), found: secretsIn(stdout + stderr) }).toEqual({ call: call.slice(0, 3), found: [] });
      expect((stdout + stderr).length).toBeGreaterThan(0);
    }
    // Without a table, what is rendered is printed; what is wrong is told apart from it.
    expect(secretsIn((await run(["render", "-f", at("m"), ...settings()])).stderr)).toEqual([]);
  });

  it("files: reports, statuses, events, and all else that is neither a configuration nor a Secret", async () => {
    const [store, out] = await Promise.all([filesIn(at("store")), filesIn(at("out"))]);
    expect(store.map(([path]) => path)).toEqual(expect.arrayContaining(["/clusters/near/index.json", "/clusters/near/report.json"]));
    expect(new Set(out.map(([path]) => path.split("/")[1])).size).toBeGreaterThan(4);
    const configs = store.filter(([path]) => path.includes("/configs/")).map(([, content]) => content);
    expect(secretsIn(configs.join("\n"))).toEqual(expect.arrayContaining(["turnPassword", "sharedSecret", "listenerKey"]));
    // In base64 the search finds them as well.
    expect(secretsIn(platform(""))).toEqual(["sharedSecret", "listenerKey"]);
    const others = [...store.filter(([path]) => !path.includes("/configs/")), ...out.filter(([path]) => !path.startsWith("/Secret/"))];
    expect(others.flatMap(([path, content]) => secretsIn(content).map((name) => `${path}: ${name}`))).toEqual([]);
  });

  it("the log, at its most talkative", () => {
    const log = running.lines.join("\n");
    expect(log).toContain("broken.yaml");
    expect(log).toContain('"a request"');
    expect(api.heard.length).toBeGreaterThan(0);
    expect(running.lines.filter((one) => secretsIn(one).length > 0)).toEqual([]);
  });
});
