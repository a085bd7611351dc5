/**
 * Cold starts: from the start of a fresh process to the first byte of the function's first answer, beyond what Node itself needs to
 * run an empty handler in the same way; of reconcile to its first request to the API server. Median of 20, one after the other with an empty one in turn. The functions' store, queue
 * and secrets are a server on this machine that knows nothing: what is measured is code, not a cloud.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAccess } from "../../shared/access/access.ts";
import { formatKeyRing, newKey } from "../../shared/access/key-ring.ts";
import { eventPath } from "../../shared/events/event-path.ts";
import { figure, median } from "./measure.ts";

const RUNS = Number(process.env["COLD_STARTS"] ?? 20);
const BUDGETS: Readonly<Record<string, number>> = { cds: 120, event: 120, reconcile: 450 };
const NAMES = ["cds", "event", "credentials", "resync", "reconcile"] as const;

const directory = mkdtempSync(join(tmpdir(), "stunner-cold-"));
execFileSync(process.execPath, ["build.mjs", "--quiet", "--only=aws", `--out=${directory}`], { stdio: "inherit" });
const empty = join(directory, "aws", "empty");
mkdirSync(empty);
writeFileSync(join(empty, "index.mjs"), "export const handler = async () => ({ statusCode: 200 });\n");
const bundles = JSON.parse(readFileSync(join(directory, "bundles.json"), "utf8")) as Record<string, { start: number; all: number; zip: { bytes: number } }>;

const ring = { current: newKey() };
const access = createAccess(() => ring);
const [token = ""] = access.eventTokens("c");
const post = (path: string, body: unknown) => http("POST", path, { "content-type": "application/json" }, JSON.stringify(body));
const EVENTS: Readonly<Record<string, unknown>> = {
  empty: {},
  cds: http("GET", "/c/c/api/v1/configs/ns/a", { authorization: `Bearer ${access.configToken("c", { namespace: "ns", name: "a", uid: "u" })}` }),
  credentials: http("GET", "/ice?service=turn", {}),
  event: post(eventPath({ cluster: "c", token }), {
    kind: "EventList", apiVersion: "audit.k8s.io/v1",
    items: [{ kind: "Event", apiVersion: "audit.k8s.io/v1", stage: "ResponseComplete", verb: "update", objectRef: { resource: "gateways", namespace: "ns", name: "a", apiGroup: "gateway.networking.k8s.io", apiVersion: "v1" } }],
  }),
  "event, judging": post(eventPath({ cluster: "c", token }), {
    kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1",
    request: { uid: "1", operation: "DELETE", resource: { group: "gateway.networking.k8s.io", version: "v1", resource: "gateways" }, namespace: "ns", name: "a" },
  }),
  resync: { cluster: "c" },
  reconcile: { Records: [{ messageId: "1", body: JSON.stringify({ cluster: "c", start: 1 }), attributes: { SentTimestamp: "0" } }] },
};

function http(method: string, rawPath: string, headers: object, body?: string): unknown {
  return { version: "2.0", rawPath: rawPath.split("?")[0], rawQueryString: rawPath.split("?")[1] ?? "", headers, body, isBase64Encoded: false, requestContext: { http: { method, sourceIp: "127.0.0.1" }, stage: "$default" } };
}

let event: unknown;
let answered: (at: number) => void = () => undefined;
const server = createServer((req, res) => {
  const path = req.url ?? "";
  if (path.endsWith("/invocation/next")) res.writeHead(200, { "lambda-runtime-aws-request-id": "1", "lambda-runtime-deadline-ms": String(Date.now() + 60_000) }).end(JSON.stringify(event));
  else if (path.startsWith("/2018-06-01/")) answered(performance.now());
  else aws(req, res);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

/** An empty bucket, a queue that takes everything. */
function aws({ method, url = "", headers }: IncomingMessage, answer: ServerResponse): void {
  if (headers["x-amz-target"]) answer.end("{}");
  else if (url.includes("list-type")) answer.end("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
  else if (method === "GET") answer.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
  else answer.writeHead(200, { etag: '"1"' }).end();
}

// A pass has begun when the API server is asked; how long that one takes is not ours.
const apiServer = createTcpServer(() => answered(performance.now()));
apiServer.listen(0, "127.0.0.1");
await once(apiServer, "listening");
const api = `https://127.0.0.1:${(apiServer.address() as AddressInfo).port}`;

const env = {
  PATH: process.env["PATH"] ?? "", AWS_LAMBDA_RUNTIME_API: host, _HANDLER: "index.handler",
  AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b",
  STUNNER_STORE: `s3://bucket?endpoint=http://${host}`, STUNNER_TOKEN_KEYS: formatKeyRing(ring), STUNNER_CDS_URL: "https://cds.example.com",
  STUNNER_QUEUE_URL: `http://${host}/1/passes.fifo`, STUNNER_LOOK_QUEUE_URL: `http://${host}/1/looks.fifo`, STUNNER_THROTTLE_TIMEOUT: "0",
  STUNNER_CLUSTERS: JSON.stringify([{ name: "c", connect: { type: "token", server: api, token: "t" } }]), STUNNER_LOG_LEVEL: "panic",
};

interface Start {
  /** Milliseconds from the start of the process to its answer. */
  readonly wall: number;
  /** Milliseconds that its threads have computed until then: says more on a busy machine. */
  readonly cpu: number;
}

async function coldStart(name: string): Promise<Start> {
  event = EVENTS[name];
  const { promise, resolve } = Promise.withResolvers<number>();
  answered = resolve;
  const began = performance.now();
  const code = join(directory, "aws", name.split(",")[0] ?? name);
  const child = spawn(process.execPath, [join(directory, "bootstrap.mjs")], { env: { ...env, LAMBDA_TASK_ROOT: code }, stdio: ["ignore", "ignore", "inherit"] });
  const wall = (await promise) - began;
  const cpu = computed(child.pid ?? 0);
  child.kill("SIGKILL");
  await once(child, "exit");
  return { wall, cpu };
}

/** proc_pid_schedstat: nanoseconds on a processor come first. */
function computed(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]) / 1e6, 0);
}

// Types are stripped beforehand: Lambda's runtime has none.
execFileSync("esbuild", ["test/bench/lambda-bootstrap.ts", "--format=esm", "--platform=node", "--log-level=error", `--outfile=${join(directory, "bootstrap.mjs")}`]);
for (const name of [...NAMES, "event, judging"]) {
  const beyond: Start[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const [node, own] = [await coldStart("empty"), await coldStart(name)];
    beyond.push({ wall: own.wall - node.wall, cpu: own.cpu - node.cpu });
  }
  const counted = beyond.slice(1);
  const size = bundles[`aws/${name.split(",")[0]}`];
  const sizes = `${Math.round((size?.start ?? 0) / 1000)} kB at its start, ${Math.round((size?.all ?? 0) / 1000)} kB in all`;
  figure(`aws/${name} (${sizes}): first byte beyond Node's own`, median(counted.map(({ wall }) => wall)), "ms", BUDGETS[name.split(",")[0] ?? ""]);
  figure(`aws/${name}: of that computed`, median(counted.map(({ cpu }) => cpu)), "ms");
}
server.closeAllConnections();
server.close();
apiServer.close();
rmSync(directory, { recursive: true });
