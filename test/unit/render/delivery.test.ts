import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deliveryName } from "../../../shared/render/delivery/names.ts";
import type { RenderOptions, RenderResult } from "../../../shared/render/result.ts";
import type { Delivery, RemoteDelivery } from "../../../shared/resources/delivery.ts";
import type { KubeObject } from "../../../shared/resources/meta.ts";
import { annotated, configMap, dataplane, gateway, gatewayClass, ownership, rendered, secret, workload, type Fields } from "./builders.ts";
import { acceptedMessage, configOf, objectKeys, problemLines } from "./reading.ts";

const TOKEN = "st1.config.planted";
const NAME = "gw-stunner-delivery";

const remote = (kind: "proxy" | "pull", more: Partial<RemoteDelivery> = {}): RemoteDelivery => ({
  kind,
  endpoint: { host: "cds.example.com", port: 8443, path: "/base/c/prod" },
  ca: "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n",
  image: "example.com/sidecar:1",
  imagePullPolicy: "IfNotPresent",
  resources: { limits: { memory: "64Mi" } },
  pollSeconds: 10,
  token: () => TOKEN,
  ...more,
});
const mounted = (object: "Secret" | "ConfigMap" = "Secret"): Delivery => ({ kind: "configmap", object });

const made = (delivery: Delivery | undefined, objects: readonly KubeObject[] = [gateway()], more: Partial<RenderOptions> = {}): RenderResult =>
  rendered(objects, { ...(delivery ? { delivery } : {}), ...more });

interface Pod {
  readonly initContainers?: readonly Fields[];
  readonly containers: readonly (Fields & { readonly env: readonly Fields[] })[];
  readonly volumes?: readonly Fields[];
}
function podOf(result: RenderResult): Pod {
  const found = result.objects.find(({ kind }) => kind === "Deployment" || kind === "DaemonSet");
  return (found as unknown as { spec: { template: { spec: Pod } } }).spec.template.spec;
}
const originOf = (result: RenderResult): unknown => podOf(result).containers[0]?.env.find(({ name }) => name === "STUNNER_CONFIG_ORIGIN")?.["value"];
function textsOf(result: RenderResult, kind: "ConfigMap" | "Secret"): Record<string, string> {
  const data = (result.objects.find((one) => one.kind === kind)?.["data"] ?? {}) as Record<string, string>;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, kind === "Secret" ? Buffer.from(value, "base64").toString() : value]));
}

const deletions = (result: RenderResult): string[] => result.deletions.map(({ kind, name }) => `${kind} ${name}`).sort();

const UNPRIVILEGED = {
  allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, readOnlyRootFilesystem: true, runAsGroup: 65532, runAsNonRoot: true,
  runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" },
};
const MOUNTS = [
  { name: "stunner-delivery", mountPath: "/stunner/delivery", readOnly: true },
  { name: "stunner-token", mountPath: "/stunner/token", readOnly: true },
];
const VOLUMES = [
  { name: "stunner-delivery", configMap: { name: NAME } },
  { name: "stunner-token", secret: { secretName: NAME } },
];

// DESIGN.md 4.3.
describe("the pods", () => {
  it("are what they were where delivery is direct or not said", () => {
    const direct = made(undefined, [gateway(), annotated({}, undefined)]);
    expect(JSON.stringify(made({ kind: "direct" }, [gateway(), annotated({}, undefined)]).objects)).toBe(JSON.stringify(direct.objects));
    expect(objectKeys(direct)).toEqual(["Deployment/media/gw", "Service/media/gw"]);
  });

  it.each(["Deployment", "DaemonSet"] as const)("have a native sidecar with nginx: %s", (dataplaneResource) => {
    const result = made(remote("proxy"), [gateway(), dataplane({ dataplaneResource })]);
    expect(objectKeys(result)).toEqual([`ConfigMap/media/${NAME}`, `${dataplaneResource}/media/gw`, `Secret/media/${NAME}`, "Service/media/gw"].sort());
    const { initContainers, volumes, containers } = podOf(result);
    expect(initContainers).toEqual([{
      name: "stunner-delivery", image: "example.com/sidecar:1", imagePullPolicy: "IfNotPresent", restartPolicy: "Always",
      command: ["/bin/sh", "/stunner/delivery/proxy.sh"], resources: { limits: { memory: "64Mi" } }, securityContext: UNPRIVILEGED,
      volumeMounts: [...MOUNTS, { name: "stunner-run", mountPath: "/stunner/run" }],
    }]);
    expect(volumes).toEqual([...VOLUMES, { name: "stunner-run", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } }]);
    expect(containers[0]).not.toHaveProperty("volumeMounts");
    expect(originOf(result)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(Object.keys(textsOf(result, "ConfigMap"))).toEqual(["ca.pem", "nginx.conf", "proxy.sh", "token.js"]);
    expect(textsOf(result, "Secret")).toEqual({ token: TOKEN });
  });

  it("have a native sidecar with curl, which has the node's name as stunnerd has it, and writes what stunnerd reads", () => {
    const node = { name: "STUNNER_NODENAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } };
    const result = made(remote("pull"));
    const { initContainers, volumes, containers } = podOf(result);
    expect(initContainers).toEqual([{
      name: "stunner-delivery", image: "example.com/sidecar:1", imagePullPolicy: "IfNotPresent", restartPolicy: "Always",
      command: ["/bin/sh", "/stunner/delivery/pull.sh"], env: [node], resources: { limits: { memory: "64Mi" } }, securityContext: UNPRIVILEGED,
      volumeMounts: [...MOUNTS, { name: "stunner-config", mountPath: "/stunner/config" }],
    }]);
    expect(volumes).toEqual([...VOLUMES, { name: "stunner-config", emptyDir: { medium: "Memory", sizeLimit: "32Mi" } }]);
    expect(containers[0]?.["volumeMounts"]).toEqual([{ name: "stunner-config", mountPath: "/stunner/config", readOnly: true }]);
    expect(originOf(result)).toBe("file:///stunner/config/stunnerd.conf");
    expect(textsOf(result, "Secret")).toEqual({ "curl.conf": `header = "Authorization: Bearer ${TOKEN}"\n` });
    const own = { name: "STUNNER_NODENAME", value: "mine" };
    expect(podOf(made(remote("pull"), [gateway(), dataplane({ env: [own] })])).initContainers?.[0]?.["env"]).toEqual([own]);
  });

  it.each([
    ["Secret", { secret: { secretName: NAME } }],
    ["ConfigMap", { configMap: { name: NAME } }],
  ] as const)("mount the configuration as a directory: %s", (object, source) => {
    const result = made(mounted(object));
    const { volumes, containers, initContainers } = podOf(result);
    expect(initContainers).toBeUndefined();
    expect(volumes).toEqual([{ name: "stunner-config", ...source }]);
    expect(containers[0]?.["volumeMounts"]).toEqual([{ name: "stunner-config", mountPath: "/stunner/config", readOnly: true }]);
    expect(originOf(result)).toBe("file:///stunner/config/stunnerd.conf");
    expect(objectKeys(result)).toEqual([`${object}/media/${NAME}`, "Deployment/media/gw", "Service/media/gw"].sort());
    const text = textsOf(result, object)["stunnerd.conf"] ?? "";
    expect(JSON.parse(text)).toEqual(configOf(result));
  });

  it("keep everything that the Dataplane says of stunnerd", () => {
    const spec = {
      command: ["/bin/stunnerd"], args: ["-w", "-v"], image: "i", imagePullPolicy: "Never", hostNetwork: true, envFrom: [{ configMapRef: { name: "e" } }],
      resources: { limits: { cpu: 2 } }, containerSecurityContext: { runAsUser: 1 }, securityContext: { fsGroup: 1 }, env: [{ name: "A", value: "b" }],
    };
    const without = podOf(made(undefined, [gateway(), dataplane(spec)]));
    for (const delivery of [remote("proxy"), remote("pull"), mounted()]) {
      const { containers: [container], initContainers: _init, volumes: _volumes, ...pod } = podOf(made(delivery, [gateway(), dataplane(spec)]));
      const { containers: [before], ...podBefore } = without;
      const { volumeMounts: _mounts, env, ...rest } = container ?? { env: [] };
      const { env: envBefore, ...restBefore } = before ?? { env: [] };
      expect(pod).toEqual(podBefore);
      expect(rest).toEqual(restBefore);
      expect(env.map((one) => (one["name"] === "STUNNER_CONFIG_ORIGIN" ? "origin" : one))).toEqual(
        envBefore.map((one) => (one["name"] === "STUNNER_CONFIG_ORIGIN" ? "origin" : one)),
      );
    }
  });

  it("do not clash on a node: each proxy has a port of its own, and stunnerd asks there", () => {
    const result = made(remote("proxy"), [...["a", "b", "c"].map((name) => gateway(undefined, {}, `media/${name}`)), dataplane({ hostNetwork: true })]);
    const listening = result.objects.filter(({ kind }) => kind === "ConfigMap").map((one) => /listen (\S+);/.exec((one["data"] as Record<string, string>)["nginx.conf"] ?? "")?.[1]);
    const asked = result.objects.filter(({ kind }) => kind === "Deployment").map((one) => originOf({ ...result, objects: [one] }));
    expect(asked).toEqual(listening.map((address) => `http://${address}`));
    expect(new Set(listening).size).toBe(3);
  });

  it("have nothing where the user runs the dataplane", () => {
    const own = annotated({ "stunner.l7mp.io/disable-managed-dataplane": "true" });
    expect(objectKeys(made(remote("pull"), [own]))).toEqual(["Service/media/gw"]);
  });

  it("have nothing in legacy mode", () => {
    expect(objectKeys(made(remote("pull"), [gateway()], { mode: "legacy" }))).toEqual(["ConfigMap/stunner-system/stunnerd-config", "Service/media/gw"]);
  });
});

describe("a Dataplane that sends stunnerd elsewhere", () => {
  const spec = { env: [{ name: "A" }, { name: "STUNNER_CONFIG_ORIGIN", value: "http://mine:1" }], args: ["-w", "--config=x"] };
  it("has its way, and is told of", () => {
    const result = made(remote("pull"), [gateway(), dataplane(spec)]);
    expect(originOf(result)).toBe("http://mine:1");
    expect(problemLines(result).filter((line) => line.includes("DeliveryBypassed"))).toHaveLength(2);
    expect(problemLines(made(undefined, [gateway(), dataplane(spec)])).join()).not.toContain("DeliveryBypassed");
  });
});

// Keys, tokens, authorities and the address of CDS are in the Secret and the ConfigMap: pods are rolled by none of them (I29).
describe("what changes in the control plane", () => {
  const changes: fc.Arbitrary<Partial<RemoteDelivery>> = fc.record({
    endpoint: fc.record({ host: fc.domain(), port: fc.integer({ min: 1, max: 65_535 }), path: fc.constantFrom("", "/c/a", "/x/c/b") }),
    ca: fc.option(fc.string(), { nil: undefined }),
    pollSeconds: fc.integer({ min: 1, max: 600 }),
    token: fc.string().map((text) => () => text),
  });
  it.each(["proxy", "pull"] as const)("rolls no pods: %s", (kind) => {
    const before = JSON.stringify(podOf(made(remote(kind))));
    fc.assert(fc.property(changes, fc.string(), (change, configOrigin) => {
      expect(JSON.stringify(podOf(made(remote(kind, change), [gateway()], { configOrigin })))).toBe(before);
    }), { numRuns: 200 });
  });

  it("rolls them where it is the delivery itself", () => {
    const pods = [undefined, remote("proxy"), remote("pull"), mounted("Secret"), mounted("ConfigMap"), remote("pull", { image: "other:1" })].map((one) => JSON.stringify(podOf(made(one))));
    expect(new Set(pods).size).toBe(pods.length);
  });

  it("is in the Secret alone where it is a token", () => {
    for (const kind of ["proxy", "pull"] as const) {
      const { objects, ...rest } = made(remote(kind));
      const others = objects.filter((one) => one.kind !== "Secret");
      expect(JSON.stringify(others)).not.toContain(TOKEN);
      expect(Object.values(textsOf(made(remote(kind)), "Secret")).join()).toContain(TOKEN);
      expect(JSON.stringify(rest.problems) + JSON.stringify(rest.statuses)).not.toContain(TOKEN);
    }
  });
});

describe("what becomes of values in the files of other programs", () => {
  // Names are checked when they are read. Should one get through, it means nothing there.
  it("never ends a word of nginx, of curl or of a shell", () => {
    const plain = made(remote("proxy"));
    const lines = (textsOf(plain, "ConfigMap")["nginx.conf"] ?? "").split("\n").length;
    fc.assert(fc.property(fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }), fc.constantFrom(";}", "$x", "\n", '"', "'", "`id`", " ", "\\", "#", "{"), (text, evil) => {
      const name = `${text}${evil}`.replaceAll("/", "");
      const one = gateway(undefined, {}, "media/gw");
      const hostile = { ...one, metadata: { ...one.metadata, name } };
      const conf = textsOf(made(remote("proxy"), [hostile]), "ConfigMap")["nginx.conf"] ?? "";
      expect(conf.split("\n")).toHaveLength(lines);
      expect(/location = (.*) \{/.exec(conf)?.[1]).toMatch(/^[A-Za-z0-9%._~/-]+$/);
      const curl = textsOf(made(remote("pull"), [hostile]), "ConfigMap")["curl.conf"] ?? "";
      expect(/^url = "(.*)"$/m.exec(curl)?.[1]).toMatch(/^https:\/\/[A-Za-z0-9%._~/:-]+$/);
    }), { numRuns: 200 });
  });

  it("is not sent where it is no token", () => {
    expect(textsOf(made(remote("pull", { token: () => "" })), "Secret")).toEqual({ "curl.conf": "# no token is needed\n" });
    expect(textsOf(made(remote("pull", { token: () => 'a"\n-o x' })), "Secret")).toEqual({ "curl.conf": "# no token is needed\n" });
    expect(textsOf(made(remote("pull", { token: () => 'a"\\' })), "Secret")).toEqual({ "curl.conf": 'header = "Authorization: Bearer a\\"\\\\"\n' });
  });

  it("trusts the authorities of the image where none are given", () => {
    const { ca: _ca, ...rest } = remote("proxy");
    const texts = textsOf(made(rest), "ConfigMap");
    expect(texts["nginx.conf"]).toContain("proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;");
    expect(texts).not.toHaveProperty("ca.pem");
  });
});

describe("relay address discovery with a configuration that is mounted", () => {
  const discovering = annotated({ "stunner.l7mp.io/enable-relay-address-discovery": "true" });
  it("is told of, and each pod has its own address", () => {
    const result = made(mounted(), [discovering]);
    expect(problemLines(result).join()).toContain("RelayAddressDiscovery");
    expect(textsOf(result, "Secret")["stunnerd.conf"]).toContain('"address":"$STUNNER_ADDR"');
    const remotely = made(remote("pull"), [discovering]);
    expect(problemLines(remotely).join()).not.toContain("RelayAddressDiscovery");
    expect(JSON.stringify(configOf(remotely))).toContain("__node_address_placeholder");
  });
});

describe("what is there and no longer wanted", () => {
  const live = [
    { ...secret(`media/${NAME}`, { "curl.conf": "x" }), metadata: { ...secret(`media/${NAME}`, {}).metadata, ...ownership() } },
    configMap(`media/${NAME}`, "x", ownership()),
    workload("Deployment"),
  ];

  it("goes with the delivery", () => {
    expect(deletions(made(undefined, [gateway(), ...live]))).toEqual([`ConfigMap ${NAME}`, `Secret ${NAME}`]);
    expect(deletions(made(mounted("ConfigMap"), [gateway(), ...live]))).toEqual([`Secret ${NAME}`]);
    expect(deletions(made(remote("pull"), [gateway(), ...live]))).toEqual([]);
  });

  it("stays where it is somebody else's", () => {
    const foreign = [secret(`media/${NAME}`, { x: "y" }), secret("media/gw", { x: "y" }), { ...secret("media/other", { x: "y" }), metadata: { name: "other", namespace: "media", ...ownership() } }];
    expect(deletions(made(undefined, [gateway(), ...foreign]))).toEqual([]);
    expect(deletions(made(undefined, [gateway(), ...live], { mode: "legacy" }))).toEqual([]);
  });

  it("is held with its Gateway, but for the token", () => {
    const broken = gatewayClass({ parametersRef: undefined });
    const held = made(remote("pull"), [broken, gateway(), ...live]);
    expect([...held.held.objects]).toEqual([`ConfigMap/media/${NAME}`, "DaemonSet/media/gw", "Deployment/media/gw", "Service/media/gw"]);
    expect(objectKeys(held)).toEqual([`Secret/media/${NAME}`]);
    expect(deletions(held)).toEqual([]);
    // The pods that run are of the delivery before: what they read stays.
    for (const other of [remote("proxy"), mounted(), undefined]) {
      const kept = made(other, [broken, gateway(), ...live]);
      expect(objectKeys(kept)).toEqual([]);
      expect([...kept.held.objects]).toContain(`Secret/media/${NAME}`);
    }
    const orphan = made(remote("pull"), [gateway(undefined, { gatewayClassName: "gone" }), ...live], { published: new Map([["media/gw", { version: "v1" } as never]]) });
    expect(objectKeys(orphan)).toEqual([`Secret/media/${NAME}`]);
    expect(deletions(made(remote("pull"), [broken, gateway(), ...live], { onInvalid: "teardown" }))).toEqual([`ConfigMap ${NAME}`, "Deployment gw", `Secret ${NAME}`]);
  });

  it("says nothing of it where there is nothing", () => {
    const held = made(undefined, [gatewayClass({ parametersRef: undefined }), gateway()]);
    expect([...held.held.objects]).toEqual(["DaemonSet/media/gw", "Deployment/media/gw", "Service/media/gw"]);
    expect(acceptedMessage(held)).not.toContain("delivery");
  });
});

describe("the name of Secret and ConfigMap", () => {
  it("is short enough, and one for each Gateway", () => {
    const long = [`${"a".repeat(240)}.b`, `${"a".repeat(240)}.c`, "a".repeat(253), `${"a".repeat(218)}.${"b".repeat(30)}`].map(deliveryName);
    expect(new Set(long).size).toBe(4);
    for (const name of [...long, deliveryName("gw")]) expect(name).toMatch(/^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
  });
});
