import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kindOf } from "../../shared/resources/kinds.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { reference, type Manifest } from "./resource.ts";

/** A spec, and the field that is wrong in it; empty where it is right. */
interface Case {
  readonly title: string;
  readonly kind: string;
  readonly spec: object;
  readonly wrong: string;
}

const given = (what: string, kind: string, spec: object, wrong = ""): Case => ({ title: `${what} in a ${kind}`, kind, spec, wrong });

const route = (backend: object, parent: object = { name: "gw" }): object => ({ parentRefs: [parent], rules: [{ backendRefs: [backend] }] });

const names = (count: number): object[] => Array.from({ length: count }, (_, index) => ({ name: `gw-${index}` }));

const cases: readonly Case[] = [
  given("nothing", "GatewayConfig", {}),
  given("an alias of static", "GatewayConfig", { authType: "longterm", userName: "user-1", password: "pass-1" }),
  given("another authentication", "GatewayConfig", { authType: "oauth" }, "spec.authType"),
  given("a realm that is no DNS name", "GatewayConfig", { realm: "Not A Realm" }, "spec.realm"),
  given("a user name with a space", "GatewayConfig", { userName: "a b" }, "spec.userName"),
  given("a reference without a name", "GatewayConfig", { authRef: { namespace: "x" } }, "spec.authRef.name"),
  given("a reference of another kind of Secret", "GatewayConfig", { authRef: { name: "x", kind: "1" } }, "spec.authRef.kind"),
  given("a number for a text", "GatewayConfig", { sharedSecret: 5 }, "spec.sharedSecret"),
  given("a lifetime beyond 32 bits", "GatewayConfig", { authLifetime: 2 ** 31 }, "spec.authLifetime"),
  given("a fraction for a number", "GatewayConfig", { userQuota: 1.5 }, "spec.userQuota"),

  given("nothing", "Dataplane", {}),
  given("a DaemonSet", "Dataplane", { dataplaneResource: "DaemonSet", hostNetwork: true, replicas: 0 }),
  given("another workload", "Dataplane", { dataplaneResource: "StatefulSet" }, "spec.dataplaneResource"),
  given("quantities as number and text", "Dataplane", { resources: { limits: { cpu: 2, memory: "512Mi" }, requests: { cpu: "100m" } } }),
  given("a quantity that is none", "Dataplane", { resources: { limits: { cpu: "lots" } } }, "spec.resources.limits.cpu"),
  given("an environment variable", "Dataplane", { env: [{ name: "A", value: "b" }] }),
  given("one from a field", "Dataplane", { env: [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] }),
  given("one without a name", "Dataplane", { env: [{ value: "b" }] }, "spec.env[0].name"),
  given("an offload engine", "Dataplane", { offloadEngine: "XDP", offloadInterfaces: ["eth0"] }),
  given("another offload engine", "Dataplane", { offloadEngine: "DPDK" }, "spec.offloadEngine"),

  given("prefixes", "StaticService", { prefixes: ["192.0.2.0/24", "2001:db8::1"] }),
  given("no prefixes", "StaticService", {}, "spec.prefixes"),
  given("a text for a list", "StaticService", { prefixes: "192.0.2.0/24" }, "spec.prefixes"),

  given("a Service", "UDPRoute", route({ name: "media" })),
  given("a range of ports", "UDPRoute", route({ name: "media", port: 10_000, endPort: 20_000 })),
  given("a StaticService", "UDPRoute", route({ name: "x", group: "stunner.l7mp.io", kind: "StaticService", namespace: "y" })),
  given("no parents", "UDPRoute", { rules: [{ backendRefs: [{ name: "media" }] }] }),
  given("a rule without backends", "UDPRoute", { rules: [{}] }),
  given("no rules", "UDPRoute", { rules: [] }, "spec.rules"),
  given("no list of rules", "UDPRoute", { parentRefs: [{ name: "gw" }] }, "spec.rules"),
  given("an empty list of backends", "UDPRoute", { rules: [{ backendRefs: [] }] }, "spec.rules[0].backendRefs"),
  given("a backend without a name", "UDPRoute", route({ port: 1 }), "spec.rules[0].backendRefs[0].name"),
  given("a namespace that is no DNS label", "UDPRoute", route({ name: "x", namespace: "a.b" }), "spec.rules[0].backendRefs[0].namespace"),
  given("a parent port of 0", "UDPRoute", route({ name: "x" }, { name: "gw", port: 0 }), "spec.parentRefs[0].port"),
  given("33 parents", "UDPRoute", { parentRefs: names(33), rules: [{}] }, "spec.parentRefs"),
];

const manifest = (kind: string, spec: object): Manifest => {
  const namespace = kind === "Dataplane" ? undefined : "default";
  return { ...reference("stunner.l7mp.io/v1", kind, "x", namespace), spec };
};

/** The field of a finding as the API server writes it. */
const fieldOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("").slice(1);

describe("the project's CRDs on a real API server", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "1.0" });
  });
  afterAll(() => cluster.stop());

  const refusalOf = (object: Manifest): Promise<unknown> =>
    cluster.create(object, { dryRun: true }).then(() => undefined, (error: unknown) => error);

  test.each(cases.filter(({ wrong }) => wrong === ""))("$title is taken", async ({ kind, spec }) => {
    const object = manifest(kind, spec);
    expect(await refusalOf(object)).toBeUndefined();
    expect(kindOf(object)?.schema.safeParse(object).error?.issues).toBeUndefined();
  });

  test.each(cases.filter(({ wrong }) => wrong !== ""))("$title is refused: $wrong", async ({ kind, spec, wrong }) => {
    const object = manifest(kind, spec);
    expect(await refusalOf(object)).toMatchObject({ code: "Invalid", message: expect.stringContaining(wrong) });
    expect(kindOf(object)?.schema.safeParse(object).error?.issues.map(({ path }) => fieldOf(path))).toContain(wrong);
  });

  test.each<[string, object, object]>([
    ["GatewayConfig", {}, { authType: "plaintext", dataplane: "default", realm: "stunner.l7mp.io" }],
    ["GatewayConfig", { authRef: { name: "s" } }, { authRef: { name: "s", group: "", kind: "Secret" } }],
    ["Dataplane", {}, { dataplaneResource: "Deployment", offloadEngine: "None" }],
    [
      "UDPRoute",
      route({ name: "x" }),
      route({ name: "x", group: "", kind: "Service" }, { name: "gw", group: "gateway.networking.k8s.io", kind: "Gateway" }),
    ],
  ])("defaults of a %s with %o", async (kind, spec, expected) => {
    const object = manifest(kind, spec);
    expect((await cluster.create(object, { dryRun: true }))["spec"]).toMatchObject(expected);
    expect(kindOf(object)?.schema.safeParse(object).data).toMatchObject({ spec: expected });
  });

  test("unknown fields are dropped by the server, without a refusal", async () => {
    const live = await cluster.create(manifest("GatewayConfig", { realm: "a.b", minPort: 1 }), { dryRun: true });
    expect(live["spec"]).not.toHaveProperty("minPort");
  });

  test("a v1alpha1 object is stored as v1", async () => {
    const old = { ...reference("stunner.l7mp.io/v1alpha1", "GatewayConfig", "old", "default"), spec: { realm: "old.example", minPort: 1 } };
    await cluster.create(old);
    const live = await cluster.get(reference("stunner.l7mp.io/v1", "GatewayConfig", "old", "default"));
    expect(live?.["spec"]).toMatchObject({ realm: "old.example", authType: "plaintext" });
    expect(live?.["spec"]).not.toHaveProperty("minPort");
  });

  test("the status of a UDPRoute is a subresource", async () => {
    const own = manifest("UDPRoute", route({ name: "media" }));
    const parents = [{ parentRef: { name: "gw" }, controllerName: "stunner.l7mp.io/gateway-operator", conditions: [] }];
    const created = await cluster.create({ ...own, status: { parents } });
    expect(created).not.toHaveProperty("status");
    const lastTransitionTime = "2026-01-31T12:00:00Z";
    const conditions = [{ type: "Accepted", status: "True", reason: "Accepted", message: "", observedGeneration: 1, lastTransitionTime }];
    const written = await cluster.status({ ...own, status: { parents: parents.map((parent) => ({ ...parent, conditions })) } });
    expect(written.metadata["generation"]).toBe(1);
    expect(written["status"]).toMatchObject({ parents: [{ parentRef: { name: "gw", kind: "Gateway" }, conditions }] });
  });
});
