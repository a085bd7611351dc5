import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { policyRules } from "../../infra/rbac/rules.ts";
import type { RenderOptions } from "../../shared/render/result.ts";
import type { Delivery } from "../../shared/resources/delivery.ts";
import { childOf, isObject, listOf } from "../support/json.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { mounted, remote, TOKEN, whichOf } from "./live-delivery.ts";
import { dataplane, install, RICH, SMALL } from "./live-fixture.ts";
import { changesOf, startLivePass, type LivePass } from "./live-pass.ts";
import { reference, type Manifest, type Resource } from "./resource.ts";

const NAME = "gw-stunner-delivery";
const SECRET = reference("v1", "Secret", NAME, "media");
const CONFIG_MAP = reference("v1", "ConfigMap", NAME, "media");
const DEPLOYMENT = reference("apps/v1", "Deployment", "gw", "media");
const RBAC = "rbac.authorization.k8s.io";

const made = (delivery: Delivery): string[] => (delivery.kind === "configmap" ? [delivery.object] : ["ConfigMap", "Secret"]);
const isMounted = (resource: string | undefined): boolean => resource === "secrets" || resource === "configmaps";
const ALL: readonly Delivery[] = [remote("proxy"), remote("pull"), mounted("Secret"), mounted("ConfigMap")];

// With exactly the rights that `manifests --delivery` gives, and no list of Secrets among them.
describe("delivery in a cluster", () => {
  let cluster: Cluster;
  const opened: LivePass[] = [];
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "newest", auditLog: true });
  });
  beforeEach(async () => {
    await cluster.reset();
    return () => opened.splice(0).forEach((one) => one.close());
  });
  afterAll(() => cluster.stop());

  /** Another process each time, so that nothing is remembered. */
  async function start(delivery: Delivery | undefined, more: Partial<RenderOptions> = {}, cleansUp = true): Promise<LivePass> {
    const which = whichOf(delivery);
    const name = `${cleansUp ? "delivery" : "exact"}-${which.delivery}-${which.deliveryObject}`.toLowerCase();
    // Rights of the delivery before as well: it is cleared away with them.
    const before = cleansUp ? [{ apiGroups: [""], resources: ["secrets", "configmaps"], verbs: ["get", "delete"] }] : [];
    const rules = [...policyRules({ mode: "managed", endpointSlices: true, watch: false, ...which }), ...before];
    await cluster.apply({ ...reference(`${RBAC}/v1`, "ClusterRole", name), rules });
    await cluster.apply({
      ...reference(`${RBAC}/v1`, "ClusterRoleBinding", name),
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
      subjects: [{ kind: "User", apiGroup: RBAC, name }],
    });
    const user = await cluster.as({ user: name });
    await expect.poll(async () => (await user.request("GET", "/api/v1/nodes")).status).toBe(200);
    const one = startLivePass(await cluster.kubeconfigFor({ user: name }), { ...which, render: { ...(delivery ? { delivery } : {}), ...more } });
    opened.push(one);
    return one;
  }
  const pass = async (delivery: Delivery | undefined, more?: Partial<RenderOptions>): Promise<string[]> => {
    const one = await start(delivery, more);
    const changes = changesOf(await one.pass());
    expect(changes.join()).not.toContain(TOKEN);
    return changes.filter((line) => !line.includes("status of"));
  };
  /** With the rights of this delivery alone. */
  const run = async (one: Delivery, more?: Partial<RenderOptions>): Promise<void> => void (await (await start(one, more, false)).pass());
  const read = (one: Manifest): Promise<Resource> => cluster.read(one);
  const text = async (one: Manifest, key: string): Promise<string> => {
    const value = childOf(await read(one), "data")[key];
    return one.kind === "Secret" ? Buffer.from(String(value), "base64").toString() : String(value);
  };

  test.each(ALL)("$kind $object: the first pass makes everything, the next ones write nothing, direct leaves nothing behind", async (delivery) => {
    await install(cluster, RICH);
    expect(await pass(delivery)).toEqual([...made(delivery).map((kind) => `created ${kind} media/${NAME}`), "created Deployment media/gw", "created Service media/gw"].sort());
    expect(await pass(delivery)).toEqual([]);
    expect(await pass(undefined)).toEqual([...made(delivery).map((kind) => `deleted ${kind} media/${NAME}`), "updated Deployment media/gw"].sort());
    expect(await pass(undefined)).toEqual([]);
    const template = JSON.stringify(childOf(childOf(await read(DEPLOYMENT), "spec"), "template"));
    expect(template).not.toContain("stunner-delivery");
    expect(template).not.toContain("/stunner/");
  });

  test("from each to each other, nothing of the one before stays", async () => {
    await install(cluster, SMALL);
    for (const delivery of [...ALL, ...[...ALL].reverse()]) {
      await pass(delivery);
      expect(await pass(delivery)).toEqual([]);
      const there = await Promise.all([CONFIG_MAP, SECRET].map(async (one) => ((await cluster.get(one)) ? one.kind : "")));
      expect(there.filter(Boolean)).toEqual(made(delivery));
    }
  });

  test.each(["proxy", "pull"] as const)("%s: another token, authority or address writes no Deployment", async (kind) => {
    await install(cluster, SMALL);
    await pass(remote(kind));
    const { generation } = (await read(DEPLOYMENT)).metadata as { generation?: number };
    expect(await pass(remote(kind, { token: () => "another" }))).toEqual([`updated Secret media/${NAME}`]);
    expect(await text(SECRET, kind === "proxy" ? "token" : "curl.conf")).toContain("another");
    const moved = { token: () => "another", ca: "PEM", endpoint: { host: "other.example.com", port: 8443, path: "/c/x" } };
    expect(await pass(remote(kind, moved))).toEqual([`updated ConfigMap media/${NAME}`]);
    expect(await text(CONFIG_MAP, "ca.pem")).toBe("PEM");
    expect((await read(DEPLOYMENT)).metadata).toMatchObject({ generation });
    // The authority goes again.
    expect(await pass(remote(kind))).toEqual([`updated ConfigMap media/${NAME}`, `updated Secret media/${NAME}`]);
    expect(childOf(await read(CONFIG_MAP), "data")).not.toHaveProperty("ca.pem");
  });

  test("what another hand does to them is undone, and the report has no value of it", async () => {
    await install(cluster, SMALL);
    await pass(remote("pull"));
    await cluster.patch(SECRET, { data: { "curl.conf": Buffer.from("stolen").toString("base64"), more: "eA==" }, metadata: { labels: { team: "a" } } });
    await cluster.patch(CONFIG_MAP, { data: { "pull.sh": "echo" } });
    const live = await start(remote("pull"));
    const { applied } = await live.pass();
    expect(JSON.stringify(applied)).not.toMatch(/stolen|c3RvbGVu|st1\.config/);
    expect(applied.changes.map(({ object, fields }) => [object, fields?.map(({ field }) => field)])).toEqual([
      [`ConfigMap media/${NAME}`, ["data[pull.sh]"]],
      [`Secret media/${NAME}`, ["data[curl.conf]"]],
    ]);
    expect(await text(SECRET, "curl.conf")).toContain(TOKEN);
    // What others added is theirs.
    expect((await read(SECRET)).metadata).toMatchObject({ labels: { team: "a" } });
  });

  test("a Gateway that is held keeps them, and gets new tokens", async () => {
    await install(cluster, SMALL);
    await pass(remote("pull"));
    await cluster.delete(dataplane());
    expect(await pass(remote("pull"))).toEqual([]);
    expect(await pass(remote("pull", { token: () => "another" }))).toEqual([`updated Secret media/${NAME}`]);
    expect(await text(SECRET, "curl.conf")).toContain("another");
    expect(await pass(remote("pull"), { onInvalid: "teardown" })).toEqual(
      expect.arrayContaining([`deleted ConfigMap media/${NAME}`, `deleted Secret media/${NAME}`]),
    );
  });

  test("what was there is cleared away although nothing mounts it any more", async () => {
    await install(cluster, SMALL);
    await pass(remote("pull"));
    const live = await start(undefined);
    const { state } = await live.cluster.load();
    expect([...state.secrets.keys()]).toContain(`media/${NAME}`);
    await cluster.delete(DEPLOYMENT);
    expect(changesOf(await live.pass())).toEqual(expect.arrayContaining([`deleted ConfigMap media/${NAME}`, `deleted Secret media/${NAME}`]));
  });

  test.each(ALL)("$kind $object: the rights are enough, and each is used", async (delivery) => {
    await install(cluster, SMALL);
    const mark = await cluster.audit().mark();
    await run(delivery);
    // Something in each of them changes.
    await cluster.patch(reference("stunner.l7mp.io/v1", "GatewayConfig", "conf", "media"), { spec: { realm: "other.example" } });
    if (delivery.kind === "proxy" || delivery.kind === "pull") await run({ ...delivery, token: () => "another", ca: "PEM" });
    else await run(delivery);
    // What has no label is not listed, and looked at by name.
    for (const kind of made(delivery)) await cluster.patch(reference("v1", kind, NAME, "media"), { metadata: { labels: { "stunner.l7mp.io/owned-by": null } } });
    await run(delivery);
    await cluster.delete(dataplane());
    await run(delivery, { onInvalid: "teardown" });
    const user = `exact-${delivery.kind}-${delivery.kind === "configmap" ? delivery.object : "secret"}`.toLowerCase();
    const entries = (await cluster.audit().entries(mark)).filter((entry) => entry.user.username === user);
    expect(entries.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
    const used = new Set(entries.filter(({ objectRef }) => isMounted(objectRef?.resource)).map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`));
    const granted = policyRules({ mode: "managed", endpointSlices: true, watch: false, ...whichOf(delivery) }).flatMap(({ resources, verbs }) =>
      resources.filter(isMounted).flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
    );
    expect([...new Set(granted).difference(used)]).toEqual([]);
    expect(used.has("list secrets")).toBe(false);
  });

  test("the pod is as the API server takes it: native, without privileges", async () => {
    await install(cluster, SMALL);
    await pass(remote("proxy"));
    const pod = childOf(childOf(childOf(await read(DEPLOYMENT), "spec"), "template"), "spec");
    const sidecar = listOf(pod, "initContainers").find(isObject);
    expect(sidecar).toMatchObject({
      restartPolicy: "Always",
      securityContext: { runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" } },
    });
  });
});
