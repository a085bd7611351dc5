import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore } from "../../shared/store/open.ts";
import { directoryOf, run, startServe, type Ended, type RunningServe } from "../support/running-serve.ts";
import { isWrite } from "./audit.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { install, SMALL } from "./live-fixture.ts";
import { reference } from "./resource.ts";

// Another cluster under the same name never deletes or changes anything (DESIGN.md 2).
const INDEX = "clusters/default/index.json";
let former: Cluster;
let latter: Cluster;
let directory: Awaited<ReturnType<typeof directoryOf>>;
let serve: RunningServe | undefined;

beforeAll(async () => {
  [former, latter] = await Promise.all([startCluster({ gatewayApi: "newest" }), startCluster({ gatewayApi: "newest", auditLog: true })]);
  directory = await directoryOf({});
});
afterAll(async () => {
  await serve?.stop("SIGKILL");
  await Promise.all([former.stop(), latter.stop()]);
  await directory.remove();
});

const settings = ({ kubeconfig }: Cluster): string[] => [`--kubeconfig=${kubeconfig}`, `--store=file://${directory.path}/store`, "--cds-url=http://192.0.2.1:13478"];
const pass = (cluster: Cluster): Promise<Ended> => run(["reconcile", ...settings(cluster)]);

/** What is stored of the cluster beside the report, which says what went wrong. */
async function stored(): Promise<ReadonlyMap<string, string>> {
  const store = openStore(`file://${directory.path}/store`);
  const keys = (await store.list("clusters/")).map(({ key }) => key).filter((key) => !key.endsWith("/report.json"));
  return new Map(await Promise.all(keys.map(async (key) => {
    const found = await store.get(key);
    return [key, found.status === "found" ? Buffer.from(found.body).toString() : ""] as const;
  })));
}

test("another cluster under the same name is not written to, and what was published stays, until that is confirmed", async () => {
  await install(former, SMALL);
  expect(await pass(former)).toMatchObject({ code: 0 });
  expect(await pass(former)).toMatchObject({ code: 0 });
  const before = await stored();
  expect(before.has(INDEX)).toBe(true);
  // It has a class and no Gateway: what was published would go.
  await install(latter, SMALL.filter(({ kind }) => kind !== "Gateway" && kind !== "UDPRoute"));
  const mark = await latter.audit().mark();

  expect(await pass(latter)).toMatchObject({ code: 1, stdout: expect.stringContaining(`other-cluster: ${INDEX}`) as string });
  serve = await startServe([...settings(latter), "--throttle-timeout=20ms"], { ready: false });
  await serve.line(/other-cluster/);
  // An event makes it look again.
  await install(latter, SMALL.filter(({ kind }) => kind === "Gateway"));
  const config = await fetch(`${serve.origin}/api/v1/configs/media/gw`);
  expect([config.status, await config.text()]).toEqual([200, expect.stringContaining("10.244.0.11")]);
  expect(await serve.stop()).toBe(0);
  const written = (await latter.audit().entries(mark)).filter((entry) => isWrite(entry) && !entry.requestURI.includes("fieldManager=user"));
  expect(written.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
  expect(await stored()).toEqual(before);

  await openStore(`file://${directory.path}/store`).delete(INDEX);
  expect(await pass(latter)).toMatchObject({ code: 0 });
  expect(await latter.get(reference("v1", "Service", "gw", "media"))).toBeDefined();
  expect((await stored()).get(INDEX)).not.toEqual(before.get(INDEX));
}, 180_000);
