/**
 * The control plane on a real API server (issue 4): resyncs without change, writes per added Gateway, and the way of one
 * edit to a watcher, at 1, 100 and 512 Gateways, some of them with a certificate. `SIZES=1,100` for fewer. Fails where a
 * figure is over its budget; times are taken once more before, since they are the machine's as well.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { trafficText } from "../../functions/local/traffic-text.ts";
import { withAccounting, type CallCount } from "../../shared/kube/accounting.ts";
import { startCluster, type Cluster } from "../cluster/cluster.ts";
import { backend, classOf, gateway, route } from "../cluster/fixture.ts";
import { createControlPlane } from "../cluster/live-control-plane.ts";
import { createAuthority } from "../integration/delivery/certificates.ts";
import { RENDER_SETTINGS } from "../support/render-settings.ts";
import { reference, type Manifest } from "../cluster/resource.ts";
import { startServe } from "../support/running-serve.ts";
import { openWatch } from "./cds/raw-client.ts";
import { cpuOf } from "./cpu.ts";
import { figure, median, twiceIfSlow } from "./measure.ts";

/** Milliseconds from the API server's answer to the watcher: median and 95th percentile. The upstream, as measured for the issue: 253 at 1, 599 and 729 at 100. */
const LATENCY: Readonly<Record<number, readonly [number, number]>> = { 1: [60, Infinity], 100: [150, 400], 512: [400, 900] };
const SIZES = (process.env["SIZES"] ?? "1,100,512").split(",").map(Number);
const EDITS = Number(process.env["EDITS"] ?? 20);
/** Edits before those that count: the engine compiles what it finds to be run often. */
const WARMING = 10;
const RESYNCS = 7;
/** Gateways that are added one by one, the last of each size. */
const ONE_BY_ONE = 3;
const READS: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** One Gateway of so many takes TLS as well, with a certificate from a Secret of its own. */
const WITH_SECRET = 16;
/** Whose UID tells one cluster from another. */
const NAMESPACES = 1;

const accounting: { current?: ReturnType<typeof withAccounting> } = {};
const directory = mkdtempSync(join(tmpdir(), "stunner-bench-"));
const identity = createAuthority(directory, "authority").sign("turn.example.com");
rmSync(directory, { recursive: true });
const cluster = await startCluster({ gatewayApi: "newest" });
const plane = createControlPlane(cluster.kubeconfig, { around: (client) => (accounting.current = withAccounting(client)).client });
await cluster.create(classOf("turn")[0] as Manifest);
for (const object of classOf("turn").slice(1)) await cluster.create(object);
let there = 0;
for (const size of SIZES) {
  process.stdout.write(`\n## ${size} Gateways\n`);
  await addTo(cluster, Math.max(there, size - ONE_BY_ONE));
  await plane.settle();
  const writes: number[] = [];
  const traffic: CallCount[][] = [];
  while (there < size) {
    await addTo(cluster, there + 1);
    const [, counts] = await counted(() => plane.settle());
    writes.push(callsOf(counts.filter(({ verb }) => !READS.has(verb))));
    traffic.push(counts);
  }
  // Service and Deployment, each created and then signed, and the statuses of Gateway and route.
  if (writes.length > 0) figure("writes per added Gateway, at most", Math.max(...writes), "writes", 6);
  tellTraffic("the last added Gateway, with the pass that finds nothing more to do", traffic.at(-1) ?? []);
  await twiceIfSlow(resyncs);
  await twiceIfSlow(() => latency(size));
}
plane.close();
await cluster.stop();

/** Fills up to so many Gateways, each with a route, its Service and its EndpointSlice. */
async function addTo(to: Cluster, size: number): Promise<void> {
  const numbers = Array.from({ length: size - there }, (_, index) => there + index);
  there = size;
  const parallel = Array.from({ length: 16 }, async () => {
    for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
      const gateways = hasSecret(number) ? secured(`gw-${number}`) : [gateway(`gw-${number}`, "turn")];
      const objects = [...backend(`media-${number}`), ...gateways, route(`media-${number}`, [`gw-${number}`])];
      for (const object of objects) await to.create(object);
    }
  });
  await Promise.all(parallel);
}

function hasSecret(number: number): boolean {
  return number % WITH_SECRET === WITH_SECRET - 1;
}

/** A Gateway with a TLS listener too, and its certificate. */
function secured(name: string): Manifest[] {
  const listeners = [{ name: "udp", port: 3478, protocol: "TURN-UDP" }, { name: "tls", port: 443, protocol: "TURN-TLS", tls: { certificateRefs: [{ name }] } }];
  return [
    { ...reference("v1", "Secret", name, "default"), type: "kubernetes.io/tls", stringData: { "tls.crt": identity.cert, "tls.key": identity.key } },
    { ...gateway(name, "turn"), spec: { gatewayClassName: "turn", listeners } },
  ];
}

/** What a pass costs that changes nothing. */
async function resyncs(): Promise<void> {
  const times: number[] = [];
  let counts: CallCount[] = [];
  for (let run = 0; run < RESYNCS; run += 1) {
    const [report, made] = await counted(() => plane.pass());
    times.push(report.milliseconds.total ?? Number.NaN);
    counts = made;
  }
  const named = callsOf(counts.filter(({ verb, resource }) => verb === "get" && ["secrets", "namespaces"].includes(resource)));
  figure("resync without change, writes", callsOf(counts.filter(({ verb }) => !READS.has(verb))), "writes", 0);
  figure("resync without change, requests", callsOf(counts) - named, "requests", 40);
  const secrets = Array.from({ length: there }, (_, number) => number).filter(hasSecret).length;
  figure(`resync without change, ${secrets} Secrets and ${NAMESPACES} Namespace by name`, named, "requests", secrets + NAMESPACES);
  tellTraffic("resync without change", counts);
  figure(`resync without change, median of ${RESYNCS}`, median(times), "ms", 1500);
}

/** The way of an edit of one route, through a `serve` of its own. */
async function latency(size: number): Promise<void> {
  const serve = await startServe([`--kubeconfig=${cluster.kubeconfig}`, `--cds-url=${RENDER_SETTINGS.configOrigin}`]);
  const got: (() => void)[] = [];
  const watcher = await openWatch(Number(new URL(serve.origin).port), "/api/v1/configs/default/gw-0?watch=true", () => got.splice(0).forEach((tell) => tell()));
  const times: number[] = [];
  let before = 0;
  await delay(1000);
  for (let run = 0; run < WARMING + EDITS; run += 1) {
    if (run === WARMING) before = await cpuOf(serve.child.pid ?? 0);
    const { promise, resolve } = Promise.withResolvers<void>();
    got.push(resolve);
    const rules = [{ backendRefs: [{ name: "media-0", namespace: "default", port: 10_000 + run }] }];
    await cluster.patch(route("media-0", []), { spec: { rules } });
    const answered = process.hrtime.bigint();
    await promise;
    if (run >= WARMING) times.push(Number((watcher.arrivals.at(-1) ?? answered) - answered) / 1e6);
    // Past --throttle-timeout: each edit is the first after quiet.
    await delay(400);
  }
  const cpu = ((await cpuOf(serve.child.pid ?? 0)) - before) / EDITS;
  watcher.socket.destroy();
  const lines = serve.lines.join("\n");
  await serve.stop();
  const [middle, most] = LATENCY[size] ?? [undefined, undefined];
  figure(`from the API server's answer to the watcher, median of ${EDITS}`, median(times), "ms", middle);
  figure("from the API server's answer to the watcher, 95th percentile", times.toSorted((a, b) => a - b)[Math.ceil(EDITS * 0.95) - 1] ?? Number.NaN, "ms", most === Infinity ? undefined : most);
  figure("CPU of serve per edit", cpu, "ms", size === 100 ? 50 : undefined);
  process.stdout.write(`the last edit: ${[...lines.matchAll(/\d+ requests, [^;]+/g)].at(-1)?.[0]}\n`);
}

async function counted<T>(work: () => Promise<T>): Promise<[T, CallCount[]]> {
  accounting.current?.reset();
  const result = await work();
  return [result, accounting.current?.counts() ?? []];
}

function tellTraffic(what: string, counts: readonly CallCount[]): void {
  process.stdout.write(`${what}: ${trafficText(counts)}\n`);
}

function callsOf(counts: readonly CallCount[]): number {
  return counts.reduce((sum, { calls }) => sum + calls, 0);
}
