import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { gateway, PLATFORM, route } from "../support/manifests.ts";
import { directoryOf, run, type Ended } from "../support/running-serve.ts";
import { auditLine, isWrite } from "./audit.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { reference, type Manifest } from "./resource.ts";

let cluster: Cluster;
let directory: Awaited<ReturnType<typeof directoryOf>>;

beforeAll(async () => {
  cluster = await startCluster({ gatewayApi: gatewayApiOr("newest"), auditLog: true });
  directory = await directoryOf({});
});
afterAll(async () => {
  await cluster.stop();
  await directory.remove();
});
afterEach(() => cluster.reset());

let tests = 0;
const service = reference("v1", "Service", "one", "media");
const deployment = reference("apps/v1", "Deployment", "one", "media");
const legacyConfig = reference("v1", "ConfigMap", "stunnerd-config", "stunner");

/** A store of its own for each test: the cluster's UID stays, and so does nothing else. */
function verbs(): (name: string, ...args: string[]) => Promise<Ended> {
  const store = `file://${directory.path}/store-${(tests += 1)}`;
  return (name, ...args) =>
    run([name, `--kubeconfig=${cluster.kubeconfig}`, `--store=${store}`, ...(name === "teardown" ? [] : ["--cds-url=http://192.0.2.1:13478"]), ...args]);
}

async function install(...texts: string[]): Promise<void> {
  for (const namespace of ["stunner", "media"]) await cluster.apply(reference("v1", "Namespace", namespace));
  for (const document of parseAllDocuments(texts.join("---\n"))) await cluster.apply(document.toJS() as Manifest, { fieldManager: "user" });
}

async function writesOf(act: () => Promise<unknown>): Promise<string[]> {
  const mark = await cluster.audit().mark();
  await act();
  return (await cluster.audit().entries(mark)).filter(isWrite).map(auditLine);
}

describe("one pass over an API server", () => {
  test("reconcile: a dry run keeps nothing, a pass makes everything, the next one writes nothing", async () => {
    await install(PLATFORM, gateway("one"), route("app", "one", "192.0.2.1"));
    const verb = verbs();
    const dry = await verb("reconcile", "--dry-run");
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining("Deployment media/one: created\n")]);
    expect([await cluster.get(service), await cluster.get(deployment)]).toEqual([undefined, undefined]);

    const first = await verb("reconcile");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(await cluster.get(deployment)).toBeDefined();
    await verb("reconcile");
    expect(await writesOf(async () => expect((await verb("reconcile")).stdout).toMatch(/^done: nothing changed/m))).toEqual([]);
    expect((await verb("diff")).stdout).toMatch(/nothing would change\n$/);
  });

  test("diff names field, values and manager of drift, and writes nothing; reconcile corrects it and says so", async () => {
    await install(PLATFORM, gateway("one"));
    const verb = verbs();
    await verb("reconcile");
    await verb("reconcile");
    await cluster.patch(service, { spec: { type: "NodePort" } }, { fieldManager: "somebody" });
    const live = await cluster.get(service);
    const diff = await verb("diff");
    expect(diff.code).toBe(2);
    expect(diff.stdout).toContain('Service media/one would be updated, drift\n  spec.type: "NodePort" → "LoadBalancer" (by somebody)\n');
    expect(await cluster.get(service)).toEqual(live);
    const { stdout, code } = await verb("reconcile");
    expect([code, stdout]).toEqual([0, expect.stringContaining("Service media/one: updated, drift: spec.type (by somebody)\n")]);
    expect(await cluster.get(service)).toMatchObject({ spec: { type: "LoadBalancer" } });
  });

  test("diff tells no secret of the legacy ConfigMap", async () => {
    await install(PLATFORM, gateway("one"));
    const verb = verbs();
    await verb("reconcile", "--dataplane-mode=legacy");
    await install(PLATFORM.replace("pass-1", "pass-2"));
    const { code, stdout } = await verb("diff", "--dataplane-mode=legacy");
    expect([code, stdout]).toEqual([2, expect.stringMatching(/ConfigMap stunner\/stunnerd-config would be updated\n +data\S*: \(changed, not shown\)\n/)]);
    expect(stdout).not.toMatch(/pass-\d/);
  });

  test("what cannot be reached, or may not be read, is 1 in either verb", async () => {
    const nobody = await cluster.kubeconfigFor({ user: "nobody" });
    for (const name of ["diff", "reconcile"]) {
      const { code, stdout } = await run([name, `--kubeconfig=${nobody}`, "--store=memory:", "--cds-url=http://192.0.2.1:1"]);
      expect([name, code, stdout]).toEqual([name, 1, expect.stringMatching(/\S/)]);
    }
  });

  test.each([
    ["managed", [service, deployment]],
    ["legacy", [service, legacyConfig]],
  ])("teardown of %s mode: lists, then removes what is ours and nothing else", async (mode, ours) => {
    await install(PLATFORM, gateway("one"));
    const theirs = { ...reference("v1", "ConfigMap", "theirs", "media"), data: { a: "b" } };
    await cluster.apply(theirs);
    const verb = verbs();
    await verb("reconcile", `--dataplane-mode=${mode}`);
    const before = await Promise.all(ours.map((one) => cluster.get(one)));
    expect(before).not.toContain(undefined);
    const asked = await verb("teardown", `--dataplane-mode=${mode}`);
    expect([asked.code, asked.stdout]).toEqual([1, expect.stringContaining("Service media/one would be deleted\n")]);
    expect(await Promise.all(ours.map((one) => cluster.get(one)))).toEqual(before);

    const { code, stdout } = await verb("teardown", "--yes", `--dataplane-mode=${mode}`);
    expect([code, stdout]).toEqual([0, expect.stringContaining("Service media/one: deleted\n")]);
    expect(await Promise.all(ours.map((one) => cluster.get(one)))).toEqual([undefined, undefined]);
    expect(await cluster.get(theirs)).toMatchObject({ data: { a: "b" } });
    const conditions = (await cluster.get(reference("gateway.networking.k8s.io/v1", "GatewayClass", "stunner")))?.["status"];
    expect(conditions).toMatchObject({ conditions: [{ type: "Accepted", status: "False", reason: "InvalidParameters", message: expect.stringContaining("teardown") }] });
  });
});
