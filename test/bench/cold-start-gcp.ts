/**
 * Cold starts on Google Cloud: from the start of a fresh process of the functions framework to the first byte of the function's first
 * answer, beyond what an empty function needs for the same; of reconcile to its first request to the API server. Median of 20, each
 * with an empty one in turn; arguments name those that are wanted. Store, queue and metadata server are a server on this machine: what is measured is code, not a cloud.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAccess } from "../../shared/access/access.ts";
import { formatKeyRing, newKey } from "../../shared/access/key-ring.ts";
import { eventPath } from "../../shared/events/event-path.ts";
import { figure, median } from "./measure.ts";

const RUNS = Number(process.env["COLD_STARTS"] ?? 20);
const BUDGETS: Readonly<Record<string, number>> = { cds: 120, "cds, watching": 120, event: 120, reconcile: 450 };
const FRAMEWORK = createRequire(import.meta.url).resolve("@google-cloud/functions-framework").replace(/index\.js$/, "main.js");

const directory = mkdtempSync(join(tmpdir(), "stunner-cold-gcp-"));
execFileSync(process.execPath, ["build.mjs", "--quiet", "--only=gcp", `--out=${directory}`], { stdio: "inherit" });
symlinkSync(join(import.meta.dirname, "../../node_modules"), join(directory, "node_modules"));
const empty = join(directory, "gcp", "empty");
mkdirSync(empty);
writeFileSync(join(empty, "index.mjs"), 'import { http } from "@google-cloud/functions-framework";\nhttp("empty", (req, res) => res.end());\n');
copyFileSync("build/gcp/package.json", join(empty, "package.json"));
const bundles = JSON.parse(readFileSync(join(directory, "bundles.json"), "utf8")) as Record<string, { start: number; all: number }>;

const ring = { current: newKey() };
const access = createAccess(() => ring);
const [token = ""] = access.eventTokens("c");
const config = { authorization: `Bearer ${access.configToken("c", { namespace: "ns", name: "a", uid: "u" })}` };
const entry = { protoPayload: { serviceName: "k8s.io", methodName: "io.k8s.networking.gateway.v1.gateways.update", resourceName: "gateway.networking.k8s.io/v1/namespaces/ns/gateways/a" } };
const pushed = { message: { data: Buffer.from(JSON.stringify(entry)).toString("base64"), messageId: "1" }, subscription: "s" };
const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==" };
const REQUESTS: Readonly<Record<string, string>> = {
  empty: http("GET", "/", {}),
  cds: http("GET", "/c/c/api/v1/configs/ns/a", config),
  "cds, watching": http("GET", "/c/c/api/v1/configs/ns/a?watch=true", { ...config, ...upgrade }),
  event: http("POST", eventPath({ cluster: "c", token }), {}, pushed),
  credentials: http("GET", "/ice?service=turn", {}),
  resync: http("POST", "/", {}, {}),
  // Of a task that was made a while ago: what it tells of need not be waited for.
  reconcile: http("POST", "/", { "x-cloudtasks-tasketa": "1000000000.5" }, { cluster: "c", start: 1 }),
};

function http(method: string, path: string, headers: Readonly<Record<string, string>>, body?: object): string {
  const text = body === undefined ? "" : JSON.stringify(body);
  const all = { host: "function.example.com", ...headers, ...(body === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) }) };
  return `${method} ${path} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${text}`;
}

/** An empty bucket, a queue that takes everything, a metadata server. */
const google = createServer((req, res) => {
  const path = req.url ?? "";
  req.resume();
  if (path.startsWith("/computeMetadata/")) res.end('{"access_token":"t","expires_in":3600,"token_type":"Bearer"}');
  else if (path.includes("/tasks") || path.startsWith("/upload/")) res.end('{"generation":"1"}');
  else if (path.includes("maxResults")) res.end("{}");
  else res.writeHead(404).end("{}");
});
google.listen(0, "127.0.0.1");
await once(google, "listening");
const host = `127.0.0.1:${(google.address() as AddressInfo).port}`;

// A pass has begun when the API server is asked; how long that one takes is not ours.
let asked: (at: number) => void = () => undefined;
const apiServer = createTcpServer(() => asked(performance.now()));
apiServer.listen(0, "127.0.0.1");
await once(apiServer, "listening");

const env = {
  PATH: process.env["PATH"] ?? "", NODE_ENV: "production", GCE_METADATA_HOST: host, CLOUD_RUN_TIMEOUT_SECONDS: "300",
  STUNNER_STORE: `gs://bucket?endpoint=http://${host}`, STUNNER_TOKEN_KEYS: formatKeyRing(ring), STUNNER_CDS_URL: "https://cds.example.com",
  STUNNER_QUEUE_URL: "projects/p/locations/l/queues/q", STUNNER_QUEUE_ENDPOINT: `http://${host}`, STUNNER_RECONCILE_URL: "https://reconcile.example.com/",
  STUNNER_QUEUE_ACCOUNT: "a@p.iam.gserviceaccount.com", STUNNER_THROTTLE_TIMEOUT: "0", STUNNER_LOG_LEVEL: "panic",
  STUNNER_CLUSTERS: JSON.stringify([{ name: "c", connect: { type: "gke", server: `https://127.0.0.1:${(apiServer.address() as AddressInfo).port}` } }]),
};

/** Milliseconds from the start of the process to its answer, and what its threads have computed until then. */
interface Start {
  readonly wall: number;
  readonly cpu: number;
}

async function coldStart(name: string, port: number): Promise<Start> {
  const target = name.split(",")[0] ?? name;
  const began = performance.now();
  const child = spawn(process.execPath, [FRAMEWORK], {
    env: { ...env, FUNCTION_TARGET: target, FUNCTION_SOURCE: join(directory, "gcp", target), PORT: String(port) }, stdio: ["ignore", "ignore", "inherit"],
  });
  const answered = target === "reconcile" ? new Promise<number>((resolve) => (asked = resolve)) : undefined;
  const first = await ask(port, REQUESTS[name] ?? "", answered);
  const cpu = computed(child.pid ?? 0);
  child.kill("SIGKILL");
  await once(child, "exit");
  return { wall: first - began, cpu };
}

/** Resolves with the time of the first byte, or of `answered` where that is given. Tries until somebody listens. */
async function ask(port: number, request: string, answered: Promise<number> | undefined): Promise<number> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise<boolean>((resolve) => socket.once("connect", () => resolve(true)).once("error", () => resolve(false)));
    if (!isOpen) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    socket.write(request);
    const at = await (answered ?? once(socket, "data").then(() => performance.now()));
    socket.destroy();
    return at;
  }
}

/** proc_pid_schedstat: nanoseconds on a processor come first. */
function computed(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]) / 1e6, 0);
}

const probe = createTcpServer().listen(0, "127.0.0.1");
await once(probe, "listening");
const { port } = probe.address() as AddressInfo;
probe.close();
await once(probe, "close");
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(REQUESTS).slice(1);
for (const name of names) {
  const beyond: Start[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const [none, own] = [await coldStart("empty", port), await coldStart(name, port)];
    beyond.push({ wall: own.wall - none.wall, cpu: own.cpu - none.cpu });
  }
  const counted = beyond.slice(1);
  const size = bundles[`gcp/${name.split(",")[0]}`];
  const sizes = `${Math.round((size?.start ?? 0) / 1000)} kB at its start, ${Math.round((size?.all ?? 0) / 1000)} kB in all`;
  figure(`gcp/${name} (${sizes}): first byte beyond an empty function's`, median(counted.map(({ wall }) => wall)), "ms", BUDGETS[name]);
  figure(`gcp/${name}: of that computed`, median(counted.map(({ cpu }) => cpu)), "ms");
}
google.closeAllConnections();
google.close();
apiServer.close();
rmSync(directory, { recursive: true });
