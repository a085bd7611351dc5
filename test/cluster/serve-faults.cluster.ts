import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Watch } from "../integration/cds-harness.ts";
import type { Json } from "../support/json.ts";
import { directoryOf, eventually, startServe, type RunningServe } from "../support/running-serve.ts";
import { flawsOfConfig } from "../support/stunnerd-schema.ts";
import { statusOf } from "../unit/kube-peer.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { startFaultProxy, type Asked, type Fault, type FaultProxy } from "./fault-proxy.ts";
import { gateway, install, listener, SMALL } from "./live-fixture.ts";
import { reference } from "./resource.ts";

const MADE = [reference("v1", "Service", "gw", "media"), reference("apps/v1", "Deployment", "gw", "media")];
const isWatch = ({ path }: Asked): boolean => path.includes("watch=true");
const FORGOTTEN = statusOf(410, "Expired", { message: "too old resource version" });
/** Milliseconds until an edit must have arrived: longer than a dead watch takes to be found out. */
const LIMIT = 150_000;

describe("serve, while its API server fails", () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  let directory: Awaited<ReturnType<typeof directoryOf>>;
  let serve: RunningServe;
  let watch: Watch;
  let uids: readonly unknown[];
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest") });
  });
  afterAll(() => cluster.stop());

  /** Serves what is settled. Resyncs never come: an edit arrives by its event, or not at all. */
  beforeEach(async () => {
    await cluster.reset();
    await install(cluster, SMALL);
    proxy = await startFaultProxy(cluster);
    directory = await directoryOf({});
    return async () => {
      await serve.stop("SIGKILL");
      await proxy.close();
      await directory.remove();
    };
  });
  async function start(): Promise<void> {
    const kubeconfig = await cluster.kubeconfigFor({ token: cluster.adminToken }, proxy.url);
    serve = await startServe([`--kubeconfig=${kubeconfig}`, `--store=file://${directory.path}/store`, "--cds-url=http://127.0.0.1:13478", "--throttle-timeout=20ms", "--resync=10h"]);
    watch = await Watch.open(Number(new URL(serve.origin).port), "/api/v1/configs?watch=true");
    await eventually(async () => (await identities()).every((uid) => uid !== undefined));
    uids = await identities();
  }
  const identities = (): Promise<unknown[]> => Promise.all(MADE.map(async (one) => (await cluster.get(one))?.metadata.uid));
  const edit = (port: number): Promise<unknown> => cluster.apply(gateway("gw", { listeners: [listener("udp", port)] }), { fieldManager: "user" });
  const portServed = async (): Promise<number | undefined> => {
    const response = await fetch(`${serve.origin}/api/v1/configs/media/gw`);
    expect(response.status).toBe(200);
    return ((await response.json()) as { listeners: { port: number }[] }).listeners[0]?.port;
  };
  /** Everything is as it should be again, and nothing was torn down or went back on the way. */
  async function arrives(port: number): Promise<void> {
    await eventually(async () => (await portServed()) === port, LIMIT);
    await eventually(async () => JSON.stringify(await cluster.get(MADE[0] ?? gateway())).includes(`"port":${port}`), LIMIT);
    expect(await identities()).toEqual(uids);
  }
  /** What a watcher was sent after something newer, or was not valid. */
  async function older(): Promise<string[]> {
    let newest = 3478;
    return (await watch.soFar()).filter((text) => {
      const config = JSON.parse(text) as Json;
      const port = Number((config as { listeners?: { port: number }[] }).listeners?.[0]?.port ?? 0);
      const isOlder = port < newest;
      newest = Math.max(newest, port);
      return isOlder || flawsOfConfig(config, { certificates: "verify" }).length > 0;
    });
  }

  test("finds out that watches stall, and misses nothing", { timeout: 300_000 }, async () => {
    let stalls = true;
    proxy.spoil((asked) => (stalls && isWatch(asked) ? "stall" : undefined));
    await start();
    // Each that has been opened is dead and does not know it.
    await eventually(() => proxy.asked.some(({ path }) => path.includes("/gateways?") && path.includes("watch=true")));
    stalls = false;
    await edit(4001);
    await arrives(4001);
    await edit(4002);
    await arrives(4002);
    expect(await older()).toEqual([]);
  });

  test.each<[string, Fault]>([
    ["by its status", { answer: 410, body: FORGOTTEN }],
    ["by an event", { answer: 200, body: `${JSON.stringify({ type: "ERROR", object: FORGOTTEN })}\n` }],
    ["never, but refused for overload", { answer: 429, headers: { "retry-after": "1" }, body: statusOf(429, "TooManyRequests") }],
    ["never, but cut", "cut"],
  ])("goes on where watches are told that their version is forgotten %s", { timeout: 300_000 }, async (_how, fault) => {
    await start();
    proxy.spoil((asked) => (isWatch(asked) ? fault : undefined));
    proxy.cut();
    const from = proxy.asked.length;
    await edit(4001);
    await eventually(() => proxy.asked.slice(from).filter(isWatch).length > 40, 60_000);
    await edit(4002);
    proxy.spoil(() => undefined);
    await arrives(4002);
    await edit(4003);
    await arrives(4003);
    expect(await older()).toEqual([]);
  });

  test.each<[string, Fault, number]>([
    ["is gone", "cut", 5000],
    // Longer than a request waits for its answer.
    ["says nothing", "hang", 33_000],
    ["answers 503", { answer: 503 }, 5000],
  ])("serves what it served while the API server %s, and takes up what happened meanwhile", { timeout: 300_000 }, async (_what, fault, milliseconds) => {
    await start();
    proxy.spoil(() => fault);
    proxy.cut();
    await edit(4001);
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      expect(await portServed()).toBe(3478);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await edit(4002);
    proxy.spoil(() => undefined);
    proxy.cut();
    await arrives(4002);
    await edit(4003);
    await arrives(4003);
    expect(await older()).toEqual([]);
  });
});
