import { afterEach, beforeEach, expect, test } from "vitest";
import { createReconcileHandler } from "../../shared/serverless/handle-reconcile.ts";
import { openStore } from "../../shared/store/open.ts";
import { directoryOf, run, startServe, type Ended, type RunningServe } from "../support/running-serve.ts";
import { testCloud } from "../unit/serverless-support.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { installCrds, PROJECT_CRDS, readCrds } from "./crds.ts";
import { install, SMALL } from "./live-fixture.ts";
import { reference, type Resource } from "./resource.ts";

// What was served once is known to every process that uses the same store (DESIGN.md 2).
const ROUTES = "udproutes.stunner.l7mp.io";
const SERVICE = reference("v1", "Service", "gw", "media");
const DEPLOYMENT = reference("apps/v1", "Deployment", "gw", "media");
/** Several processes, one after the other. */
const SLOW = 180_000;
const INDEX = "clusters/default/index.json";

let cluster: Cluster;
let directory: Awaited<ReturnType<typeof directoryOf>>;
let serve: RunningServe | undefined;

beforeEach(async () => {
  cluster = await startCluster({ gatewayApi: "1.0" });
  directory = await directoryOf({});
  await install(cluster, SMALL);
});
afterEach(async () => {
  await serve?.stop("SIGKILL");
  serve = undefined;
  await cluster.stop();
  await directory.remove();
});

const store = (): string => `file://${directory.path}/store`;
const settings = (): string[] => [`--kubeconfig=${cluster.kubeconfig}`, `--store=${store()}`, "--cds-url=http://192.0.2.1:13478"];
const pass = (...flags: string[]): Promise<Ended> => run(["reconcile", ...settings(), ...flags]);

async function remove(crd: string): Promise<void> {
  await cluster.delete(reference("apiextensions.k8s.io/v1", "CustomResourceDefinition", crd));
  const [plural = "", group = ""] = [crd.slice(0, crd.indexOf(".")), crd.slice(crd.indexOf(".") + 1)];
  // The whole group may go with it.
  await expect.poll(async () => JSON.stringify((await cluster.request("GET", `/apis/${group}/v1`)).body).includes(`"${plural}"`)).toBe(false);
}

async function textOf(key: string): Promise<string> {
  const found = await openStore(store()).get(key);
  return found.status === "found" ? Buffer.from(found.body).toString() : "";
}

async function restore(): Promise<void> {
  await installCrds(cluster, readCrds(PROJECT_CRDS).filter(({ metadata }) => metadata.name === ROUTES));
  await install(cluster, SMALL);
}

/** Everything that must not change. */
async function world(): Promise<readonly [string, readonly (Resource | undefined)[]]> {
  return [await textOf(INDEX), await Promise.all([SERVICE, DEPLOYMENT].map((one) => cluster.get(one)))];
}

test.each([ROUTES, "gateways.gateway.networking.k8s.io"])("%s, lost, changes nothing in any process until that is confirmed", async (crd) => {
  expect(await pass()).toMatchObject({ code: 0 });
  const before = await world();
  expect(before[1]).not.toContain(undefined);
  await remove(crd);
  expect(await pass()).toMatchObject({ code: 1, stdout: expect.stringMatching(`kind ${crd}: KindLost: .*--allow-mass-delete`) as string });
  expect(await world()).toEqual(before);
  expect(await run(["diff", ...settings()])).toMatchObject({ code: 1, stdout: expect.stringContaining("KindLost") as string });
  serve = await startServe(settings());
  await serve.line(/KindLost/);
  expect(await world()).toEqual(before);
  await serve.stop();

  expect(await pass("--allow-mass-delete")).toMatchObject({ code: 0 });
  expect((await world())[0]).not.toEqual(before[0]);
  // Confirmed once is enough.
  expect(await pass()).toMatchObject({ code: 0 });
}, SLOW);

test("serve takes the confirmation that another process was given, or at its own start", async () => {
  const refs = "clusters/default/refs.json";
  serve = await startServe([...settings(), "--resync=1s"]);
  await expect.poll(() => textOf(refs)).toContain(`"${ROUTES}"`);
  const before = await world();
  await remove(ROUTES);
  await serve.line(/KindLost/);
  expect(await world()).toEqual(before);
  await restore();
  await serve.line(/KindLost is no more/);
  expect(await world()).toEqual(before);
  await remove(ROUTES);
  await expect.poll(() => serve?.lines.filter((line) => line.includes("was served before")).length).toBe(2);
  expect(await pass("--allow-mass-delete")).toMatchObject({ code: 0 });
  await expect.poll(() => serve?.lines.filter((line) => line.includes("KindLost is no more")).length).toBe(2);
  await serve.stop();

  await restore();
  expect(await pass()).toMatchObject({ code: 0 });
  const again = await world();
  await remove(ROUTES);
  serve = await startServe([...settings(), "--allow-mass-delete"]);
  await expect.poll(async () => (await world())[0]).not.toEqual(again[0]);
  expect(serve.lines.join("\n")).not.toContain("KindLost");
}, SLOW);

test("a function that starts cold knows it too", async () => {
  const shared = openStore(store());
  const env = { STUNNER_CLUSTERS: JSON.stringify([{ name: "default", connect: { type: "kubeconfig", path: cluster.kubeconfig } }]) };
  const cold = async (more: Record<string, string> = {}): Promise<string> => {
    const { context, time } = testCloud({ ...env, ...more }, shared);
    return createReconcileHandler(context)({ cluster: "default", start: 0 }, { sentAt: 0, end: time + 60_000 });
  };
  await cold();
  const before = await world();
  expect(before[1]).not.toContain(undefined);
  await remove(ROUTES);
  await cold();
  expect(await world()).toEqual(before);
  expect(await textOf("clusters/default/report.json")).toContain("KindLost");
  await cold({ STUNNER_ALLOW_MASS_DELETE: "true" });
  expect((await world())[0]).not.toEqual(before[0]);
});
