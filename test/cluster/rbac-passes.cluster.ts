import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { policyRules, type PolicyRule } from "../../infra/rbac/rules.ts";
import type { Delivery } from "../../shared/resources/delivery.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { RENDER_SETTINGS } from "../support/render-settings.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { sampled } from "./faults/sample.ts";
import { STRANGERS } from "./faults/scenario.ts";
import { createControlPlane, type LiveControlPlane } from "./live-control-plane.ts";
import { mounted, remote, whichOf } from "./live-delivery.ts";
import { dataplane, gateway, gatewayClass, gatewayConfig, install, namespace, SMALL, udpRoute } from "./live-fixture.ts";
import { allBut, names, rightsOf, textOf, type Right } from "./rights.ts";
import { reference } from "./resource.ts";

const RBAC = "rbac.authorization.k8s.io";
const USED_BY_SERVE = new Set(rightsOf(policyRules({ mode: "managed", endpointSlices: true, watch: true })).map(textOf));

interface Setup {
  readonly name: string;
  readonly mode: "managed" | "legacy";
  readonly endpointSlices: boolean;
  readonly delivery?: Delivery;
  readonly tests: (right: Right) => boolean;
}

/** What no other suite takes away, since a `serve` in managed mode with EndpointSlices and watches has no need of it. */
const isMore = (right: Right): boolean => !USED_BY_SERVE.has(textOf(right));
const SETUPS: readonly Setup[] = [
  { name: "without watches", mode: "managed", endpointSlices: true, tests: ({ verb, resource }) => verb === "list" || ["secrets", "namespaces"].includes(resource) },
  { name: "legacy, on Endpoints", mode: "legacy", endpointSlices: false, tests: isMore },
  { name: "by pull", mode: "managed", endpointSlices: true, delivery: remote("pull"), tests: isMore },
  { name: "by a mounted Secret", mode: "managed", endpointSlices: true, delivery: mounted("Secret"), tests: isMore },
  { name: "by a mounted ConfigMap", mode: "managed", endpointSlices: true, delivery: mounted("ConfigMap"), tests: isMore },
];
const CASES = SETUPS.flatMap((setup) => {
  const { mode, endpointSlices, delivery } = setup;
  const rules = policyRules({ mode, endpointSlices, watch: false, ...whichOf(delivery) });
  return rightsOf(rules).filter(setup.tests).map((right) => ({ setup, rules, right }));
});

describe("a right that is missing, of those without watches, for legacy mode, Endpoints or a delivery", () => {
  let cluster: Cluster;
  let users = 0;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: gatewayApiOr("newest") });
  });
  afterAll(() => cluster.stop());

  test("is named, and what is there stays: each in turn", { timeout: 1_200_000 }, async () => {
    const wrong: string[] = [];
    for (const { setup, rules, right } of sampled("rights", "RBAC_SAMPLE", CASES)) {
      const flaws = await without(right, rules, setup);
      wrong.push(...flaws.map((flaw) => `${setup.name}, without ${textOf(right)}: ${flaw}`));
    }
    expect(wrong).toEqual([]);
  });

  async function without(right: Right, rules: readonly PolicyRule[], { mode, endpointSlices, delivery }: Setup): Promise<string[]> {
    await cluster.reset();
    await install(cluster, [namespace("media"), ...STRANGERS, ENDPOINTS, ...SMALL]);
    const render = { ...RENDER_SETTINGS, onInvalid: "teardown" as const, mode, endpointSlices, ...(delivery ? { delivery } : {}) };
    const store = createMemoryStore();
    const whole = createControlPlane(cluster.kubeconfig, { render, store });
    await whole.settle();
    whole.close();
    const strangers = await texts(STRANGERS);
    const made = await texts(OURS);
    // One of its own each time: API servers take a moment to learn of a role.
    const name = `limited-${(users += 1)}`;
    await cluster.apply({ ...reference(`${RBAC}/v1`, "ClusterRole", name), rules: allBut(rules, right) });
    await cluster.apply({ ...reference(`${RBAC}/v1`, "ClusterRoleBinding", name), roleRef: { apiGroup: RBAC, kind: "ClusterRole", name }, subjects: [{ kind: "User", apiGroup: RBAC, name }] });
    const user = await cluster.as({ user: name });
    const granted = ["/apis/stunner.l7mp.io/v1/gatewayconfigs", "/apis/apps/v1/deployments"];
    await expect.poll(async () => (await Promise.all(granted.map((path) => user.request("GET", path)))).some(({ status }) => status === 200), { timeout: 20_000 }).toBe(true);
    const plane = createControlPlane(await cluster.kubeconfigFor({ user: name }), { render, store, compat: true });
    const told: string[] = [];
    const flaws: string[] = [];
    const look = async (): Promise<void> => void told.push(await said(plane));
    try {
      await look();
      if ((await texts(OURS)).join() !== made.join()) flaws.push("what was made is changed");
      if (mode === "managed" && !(await plane.published()).has("media/gw")) flaws.push("the configuration is not published any more");
      // Everything is changed, found by name, deleted and made anew.
      await cluster.apply(gatewayConfig({ realm: "other.example" }), { fieldManager: "user" });
      if (!endpointSlices) await install(cluster, [udpRoute("many", { backends: MANY })]);
      await look();
      for (const one of OURS.filter(({ kind }) => kind === "ConfigMap" || kind === "Secret")) {
        if (await cluster.get(one)) await cluster.patch(one, { metadata: { labels: { "stunner.l7mp.io/owned-by": null } } });
      }
      await look();
      for (const one of mode === "legacy" ? [gateway(), gatewayClass()] : [dataplane()]) await cluster.delete(one);
      for (let passes = 0; passes < 2; passes += 1) await look();
      for (const one of OURS) await cluster.delete(one);
      await install(cluster, [gatewayClass(), dataplane(), gateway()]);
      await look();
      if (!told.some((line) => names(line, right))) flaws.push(`it is not named in:\n${told.join("\n")}`);
      if ((await texts(STRANGERS)).join() !== strangers.join()) flaws.push("what is somebody else's is changed");
    } finally {
      plane.close();
    }
    return flaws;
  }

  async function texts(objects: readonly ReturnType<typeof reference>[]): Promise<string[]> {
    return (await Promise.all(objects.map((one) => cluster.get(one)))).map((one) => JSON.stringify(one) ?? "gone");
  }
});

const ENDPOINTS = { ...reference("v1", "Endpoints", "server", "media"), subsets: [{ addresses: [{ ip: "10.244.0.11" }], ports: [{ name: "rtp", port: 9000, protocol: "UDP" }] }] };
/** So many that they are listed in place of read by name. */
const MANY = Array.from({ length: 13 }, (_, index) => `server-${index}`);
const OURS = [
  reference("v1", "Service", "gw", "media"), reference("apps/v1", "Deployment", "gw", "media"), reference("v1", "ConfigMap", "stunnerd-config", "media"),
  reference("v1", "ConfigMap", "gw-stunner-delivery", "media"), reference("v1", "Secret", "gw-stunner-delivery", "media"),
];

/** What a pass says, whether it gets through or not. */
async function said(plane: LiveControlPlane): Promise<string> {
  try {
    const { changes, problems, error } = await plane.pass();
    return JSON.stringify({ changes, problems, error });
  } catch (error) {
    return String(error);
  }
}
