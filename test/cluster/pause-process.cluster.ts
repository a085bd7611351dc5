import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { openStore } from "../../shared/store/open.ts";
import { Watch } from "../integration/cds-harness.ts";
import { eventually, run, startServe, type RunningServe } from "../support/running-serve.ts";
import { auditLine, isWrite } from "./audit.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { startFaultProxy, type Asked, type FaultProxy } from "./fault-proxy.ts";
import { startCdsWatcher, type CdsWatcher } from "./faults/cds-watcher.ts";
import { give, takingOrders } from "./kills/orders.ts";
import { gateway, install, listener, SMALL } from "./live-fixture.ts";
import { reference } from "./resource.ts";

const SERVICE = reference("v1", "Service", "gw", "media");
const DEPLOYMENT = reference("apps/v1", "Deployment", "gw", "media");
const NODE = reference("v1", "Node", "node-1");
const withPort = (port: number, metadata = {}) => gateway("gw", { listeners: [listener("udp", port)] }, metadata);
/** Asks for the addresses of nodes. */
const relayed = (port: number) => withPort(port, { annotations: { "stunner.l7mp.io/enable-relay-address-discovery": "true" } });

/** The ports that a configuration listens on, of texts as a watcher gets them. */
const portsIn = (texts: readonly string[]): number[] => texts.map((text) => (JSON.parse(text) as { listeners: { port: number }[] }).listeners[0]?.port ?? 0);

/** Resolves with the first request that fits, which waits for `release`. */
function holdFirst(proxy: FaultProxy, fits: (asked: Asked) => boolean): { readonly held: Promise<Asked>; release(): void } {
  const { promise: held, resolve } = Promise.withResolvers<Asked>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let isHeld = false;
  proxy.spoil((asked) => {
    if (isHeld || !fits(asked)) return undefined;
    isHeld = true;
    resolve(asked);
    return { until: released };
  });
  return { held, release };
}

const isGatewayList = ({ method, path }: Asked): boolean => method === "GET" && path.startsWith("/apis/gateway.networking.k8s.io/v1/gateways?limit=");

describe("a process that is stopped in the middle of a pass", () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  let directory: string;
  let first: RunningServe;
  let watcher: CdsWatcher;
  let second: readonly string[];
  let url: string;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest"), auditLog: true });
    proxy = await startFaultProxy(cluster);
    directory = await mkdtemp(join(tmpdir(), "stunner-pause-"));
  });
  beforeEach(async () => {
    await cluster.reset();
    await install(cluster, SMALL);
    url = `file://${await mkdtemp(join(directory, "store-"))}`;
    const options = [`--store=${url}`, "--cluster=test", "--cds-url=http://127.0.0.1:13478"];
    const through = await cluster.kubeconfigFor({ token: cluster.adminToken }, proxy.url);
    proxy.spoil(() => undefined);
    first = await startServe([`--kubeconfig=${through}`, ...options, "--throttle-timeout=20ms"], { env: takingOrders(url) });
    second = ["reconcile", `--kubeconfig=${cluster.kubeconfig}`, ...options];
    watcher = await startCdsWatcher(openStore(url), "test");
    return async () => {
      first.child.kill("SIGCONT");
      await first.stop("SIGKILL");
      await watcher.close();
    };
  });
  afterAll(async () => {
    await proxy.close();
    await cluster.stop();
    await rm(directory, { recursive: true });
  });

  test.each<{ where: string; fits: (asked: Asked) => boolean; served: number[] }>([
    // What it renders was read before that.
    { where: "when it has loaded and not written yet", fits: ({ path }) => path.startsWith("/api/v1/namespaces/media/secrets/users"), served: [3478, 4002] },
    { where: "with its first write under way", fits: ({ method }) => method !== "GET", served: [3478, 4001, 4002] },
  ])("changes nothing when it goes on after another one has finished: $where", { timeout: 180_000 }, async ({ fits, served }) => {
    const ports = portsIn(await watcher.seen());
    const watch = await Watch.open(Number(new URL(first.origin).port), "/api/v1/configs?watch=true");
    const hold = holdFirst(proxy, fits);
    await cluster.apply(withPort(4001), { fieldManager: "user" });
    const { number } = await hold.held;
    expect(proxy.asked.slice(0, number).some(isGatewayList)).toBe(true);
    first.child.kill("SIGSTOP");
    ports.push(...portsIn(await watcher.seen()));

    await cluster.apply(withPort(4002), { fieldManager: "user" });
    // Where the first has its lease, it is waited for.
    await eventually(async () => (await run(second)).code === 0, 120_000);
    expect((await run(second)).stdout).toContain("nothing changed");
    ports.push(...portsIn(await watcher.seen()));
    const all = [SERVICE, DEPLOYMENT, withPort(4002)];
    const before = await Promise.all(all.map((one) => cluster.get(one)));
    expect(JSON.stringify(before[0])).toContain('"port":4002');
    const mark = await cluster.audit().mark();

    // What it was about to ask reaches the server first of all.
    const asked = proxy.asked.length;
    hold.release();
    first.child.kill("SIGCONT");
    await eventually(() => proxy.asked.slice(asked).some(isGatewayList));
    await settled(proxy);
    expect((await run(second)).stdout).toContain("nothing changed");
    expect((await cluster.audit().entries(mark)).filter(isWrite).map(auditLine)).toEqual([]);
    expect(await Promise.all(all.map((one) => cluster.get(one)))).toEqual(before);
    ports.push(...portsIn(await watcher.seen()));
    expect(ports).toEqual(served);
    await eventually(async () => (await (await fetch(`${first.origin}/api/v1/configs/media/gw`)).text()).includes('"port":4002'));
    const own = portsIn(await watch.soFar());
    expect(own).toEqual([...own].sort((a, b) => a - b));
    expect(own.at(-1)).toBe(4002);
  });

  const address = (ip: string) => cluster.patch(NODE, { status: { addresses: [{ type: "ExternalIP", address: ip }] } }, { subresource: "status" });
  const change = () => cluster.apply(relayed(4001), { fieldManager: "user" });

  test.each([
    { name: "nodes.json", edit: () => address("203.0.113.2") },
    { name: "applied.json", edit: change },
    { name: "report.json", edit: change },
  ])("leaves in the store what another one has written meanwhile: stopped at $name", { timeout: 180_000 }, async ({ name, edit }) => {
    await cluster.apply(NODE);
    await address("203.0.113.1");
    await cluster.apply(relayed(4000), { fieldManager: "user" });
    await eventually(async () => (await storedIn(openStore(url)))["nodes.json"]?.includes("203.0.113.1") ?? false);
    await settled(proxy);
    await give(url, { stop: `clusters/test/${name}` });
    await edit();
    await eventually(() => isStopped(first.child.pid));

    await cluster.apply(relayed(4002), { fieldManager: "user" });
    await address("203.0.113.3");
    await eventually(async () => (await run(second)).code === 0, 120_000);
    await eventually(async () => (await run(second)).stdout.includes("nothing changed"));
    const newer = await storedIn(openStore(url));
    expect(newer["nodes.json"]).toContain("203.0.113.3");

    // What it begins anew comes to nothing.
    proxy.spoil(() => "hang");
    first.child.kill("SIGCONT");
    await first.line(/lease-lost/);
    expect(await storedIn(openStore(url))).toEqual(newer);

    proxy.spoil(() => undefined);
    proxy.cut();
    await eventually(async () => (await (await fetch(`${first.origin}/api/v1/configs/media/gw`)).text()).includes('"port":4002'));
    await eventually(async () => (await run(second)).stdout.includes("nothing changed"));
  });
});

/** Resolves when nothing has been asked for a while that is no watch. */
async function settled(proxy: FaultProxy): Promise<void> {
  let [count, since] = [-1, 0];
  await eventually(() => {
    const now = proxy.asked.filter(({ path }) => !path.includes("watch=true")).length;
    if (now !== count) [count, since] = [now, performance.now()];
    return performance.now() - since > 1500;
  }, 30_000);
}

/** The state of a process as the kernel has it: T is stopped. */
async function isStopped(pid = 0): Promise<boolean> {
  return (await readFile(`/proc/${pid}/stat`, "utf8")).includes(") T ");
}

const STORED = ["index.json", "nodes.json", "applied.json", "report.json"];

/** The files of a pass, to the byte. */
async function storedIn(store: ObjectStore): Promise<Readonly<Record<string, string>>> {
  const found = await Promise.all(STORED.map(async (name) => [name, await store.get(`clusters/test/${name}`)] as const));
  return Object.fromEntries(found.map(([name, one]) => [name, one.status === "found" ? Buffer.from(one.body).toString() : one.status]));
}
