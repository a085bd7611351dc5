import { describe, expect, it } from "vitest";
import { annotated, dataplane, gateway, rendered, UDP, type Fields } from "./builders.ts";
import { objectKeys, objectOf } from "./reading.ts";

interface Workload {
  readonly metadata: { readonly labels: Fields; readonly annotations: Fields };
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchExpressions: readonly Fields[] };
    readonly template: {
      readonly metadata: { readonly labels: Fields; readonly annotations: Fields };
      readonly spec: Fields & { readonly containers: readonly Fields[] };
    };
  };
}

const workload = (spec: Fields = {}, one = gateway(), kind = "Deployment"): Workload => {
  const found = objectOf(rendered([one, dataplane(spec)]), kind);
  if (!found) throw new Error(`no ${kind}`);
  return found as unknown as Workload;
};
const podSpec = (spec: Fields) => workload(spec).spec.template.spec;
const container = (spec: Fields) => podSpec(spec).containers[0];
const PROBE = { periodSeconds: 15, successThreshold: 1, failureThreshold: 3, timeoutSeconds: 1 };
const POD_LABELS = {
  "gateway.networking.k8s.io/gateway-name": "gw",
  app: "stunner",
  "stunner.l7mp.io/related-gateway-name": "gw",
  "stunner.l7mp.io/related-gateway-namespace": "media",
};
const LABELS = {
  "gateway.networking.k8s.io/gateway-name": "gw",
  "stunner.l7mp.io/owned-by": "stunner",
  "stunner.l7mp.io/related-gateway-name": "gw",
  "stunner.l7mp.io/related-gateway-namespace": "media",
};

const spread = (topologyKey: string, maxSkew: number, whenUnsatisfiable = "DoNotSchedule") => ({ maxSkew, topologyKey, whenUnsatisfiable });

// spec/resources.md 3.1 to 3.3; improvements I25, I41.
describe("the Deployment of a Gateway", () => {
  it("has the defaults of an empty Dataplane", () => {
    const wanted = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {
        name: "gw",
        namespace: "media",
        labels: LABELS,
        annotations: { "stunner.l7mp.io/related-gateway-name": "media/gw" },
        ownerReferences: [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: "gw", uid: "uid-of-gw" }],
      },
      spec: {
        selector: {
          matchExpressions: [
            { key: "app", operator: "In", values: ["stunner"] },
            { key: "stunner.l7mp.io/related-gateway-name", operator: "In", values: ["gw"] },
            { key: "stunner.l7mp.io/related-gateway-namespace", operator: "In", values: ["media"] },
          ],
        },
        template: {
          metadata: { labels: POD_LABELS, annotations: { "stunner.l7mp.io/related-gateway-name": "media/gw" } },
          spec: {
            terminationGracePeriodSeconds: 3600,
            containers: [
              {
                name: "stunner-daemon",
                image: "l7mp/stunnerd:latest",
                imagePullPolicy: "Always",
                command: ["stunnerd"],
                args: ["-w", "--udp-thread-num=16"],
                env: [
                  { name: "STUNNER_ADDR", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
                  { name: "STUNNER_NAME", value: "gw" },
                  { name: "STUNNER_NAMESPACE", value: "media" },
                  { name: "STUNNER_NODENAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
                  { name: "STUNNER_CONFIG_ORIGIN", value: "http://cds.example.com:13478" },
                ],
                ports: [{ name: "metrics-port", containerPort: 8080, protocol: "TCP" }],
                resources: { limits: { memory: "20M" }, requests: { cpu: "250m" } },
                livenessProbe: { httpGet: { path: "/live", port: 8086, scheme: "HTTP" }, ...PROBE },
                readinessProbe: { httpGet: { path: "/ready", port: 8086, scheme: "HTTP" }, ...PROBE },
              },
            ],
          },
        },
      },
    };
    expect(workload()).toEqual(wanted);
    expect(objectOf(rendered([gateway(), { ...dataplane(), spec: undefined }]), "Deployment")).toEqual(wanted);
  });

  it("has every field of the Dataplane in its place", () => {
    const pod = {
      affinity: { podAntiAffinity: {} },
      tolerations: [{ key: "dedicated", operator: "Exists" }],
      securityContext: { runAsUser: 1000 },
      imagePullSecrets: [{ name: "pull" }],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }],
    };
    const spec = {
      ...pod,
      image: "example.com/stunnerd:1",
      imagePullPolicy: "IfNotPresent",
      command: ["/bin/stunnerd"],
      args: ["-v"],
      env: [{ name: "GOMEMLIMIT", value: "400MiB" }],
      envFrom: [{ configMapRef: { name: "turn-env" } }],
      resources: { limits: { cpu: 2 } },
      containerSecurityContext: { runAsNonRoot: true },
      terminationGracePeriodSeconds: 0,
      hostNetwork: true,
    };
    const { containers, ...rest } = podSpec(spec);
    expect(rest).toEqual({ ...pod, terminationGracePeriodSeconds: 0, hostNetwork: true });
    expect(containers).toHaveLength(1);
    expect(containers[0]).toMatchObject({
      image: "example.com/stunnerd:1",
      imagePullPolicy: "IfNotPresent",
      command: ["/bin/stunnerd"],
      args: ["-v"],
      envFrom: [{ configMapRef: { name: "turn-env" } }],
      resources: { limits: { cpu: 2 } },
      securityContext: { runAsNonRoot: true },
    });
    expect(containers[0]?.["resources"]).toEqual({ limits: { cpu: 2 } });
    expect(containers[0]?.["env"]).toHaveLength(6);
  });

  // I33: a field that is removed goes, since it is no longer among those that we apply.
  it("has no key for what the Dataplane leaves out or empty", () => {
    const empty = { hostNetwork: false, imagePullSecrets: [], topologySpreadConstraints: [], envFrom: [], disableHealthCheck: false };
    expect(Object.keys(podSpec(empty))).toEqual(["terminationGracePeriodSeconds", "containers"]);
    const keys = ["name", "image", "imagePullPolicy", "command", "args", "env", "ports", "resources", "livenessProbe", "readinessProbe"];
    expect(Object.keys(container(empty) ?? {})).toEqual(keys);
    expect(podSpec({ tolerations: [] })["tolerations"]).toEqual([]);
  });

  it.each([{ image: "" }, { imagePullPolicy: "" }, { command: [] }, { args: [] }])("takes %j for unset", (spec) => {
    expect(container(spec)).toEqual(container({}));
  });

  it("has no probes where the health check is disabled, and its port whether or not metrics are on", () => {
    expect(Object.keys(container({ disableHealthCheck: true }) ?? {})).not.toContain("livenessProbe");
    expect(Object.keys(container({ disableHealthCheck: true }) ?? {})).not.toContain("readinessProbe");
    expect(container({ enableMetricsEndpoint: true })).toEqual(container({}));
  });

  // Server-side apply refuses a list that repeats a key (I25); Kubernetes would let the last one win.
  it("lets a variable of the Dataplane replace one of ours, in its place", () => {
    const env = [
      { name: "A", value: "1" },
      { name: "STUNNER_ADDR", value: "192.0.2.1" },
      { name: "A", value: "2" },
    ];
    const { env: given = [] } = (container({ env }) ?? {}) as { env?: Fields[] };
    const names = given.map((one) => `${String(one["name"])}=${String(one["value"])}`);
    expect(names).toEqual([
      "STUNNER_ADDR=192.0.2.1",
      "STUNNER_NAME=gw",
      "STUNNER_NAMESPACE=media",
      "STUNNER_NODENAME=undefined",
      "STUNNER_CONFIG_ORIGIN=http://cds.example.com:13478",
      "A=2",
    ]);
  });

  it("has each pull secret and each spread constraint once, the last of equals", () => {
    const spec = podSpec({
      imagePullSecrets: [{ name: "a", n: 1 }, { name: "b" }, { name: "a", n: 2 }, {}],
      topologySpreadConstraints: [spread("zone", 1), spread("zone", 2), spread("node", 1), spread("zone", 3, "ScheduleAnyway")],
    });
    expect(spec["imagePullSecrets"]).toEqual([{ name: "a", n: 2 }, { name: "b" }, {}]);
    expect(spec["topologySpreadConstraints"]).toEqual([spread("zone", 2), spread("node", 1), spread("zone", 3, "ScheduleAnyway")]);
  });

  // spec/resources.md 3.5.
  it.each([
    [undefined, undefined],
    [1, undefined],
    [0, 0],
    [2, 2],
    [5, 5],
  ])("replicas %s: %s", (replicas, wanted) => {
    const { spec } = workload(replicas === undefined ? {} : { replicas });
    expect(spec.replicas).toBe(wanted);
    expect("replicas" in spec).toBe(wanted !== undefined);
  });

  it("has the config origin that is set", () => {
    const result = rendered([gateway()], { configOrigin: "http://[2001:db8::1]:13478" });
    expect(JSON.stringify(objectOf(result, "Deployment"))).toContain(
      '{"name":"STUNNER_CONFIG_ORIGIN","value":"http://[2001:db8::1]:13478"}',
    );
  });
});

// spec/resources.md 3.1, edge cases 40 to 43; improvements I28, I41.
describe("labels and annotations", () => {
  const FILTERED = {
    "app.kubernetes.io/managed-by": "helm",
    "argocd.argoproj.io/instance": "x",
    "kubectl.kubernetes.io/last-applied-configuration": "{}",
  };
  const gw = gateway(
    [UDP],
    {
      infrastructure: {
        labels: { infra: "1", both: "infra", ...FILTERED },
        annotations: { "infra-note": "2", both: "infra", ...FILTERED },
      },
    },
    "media/gw",
    {
      labels: { keep: "me", both: "gateway", "stunner.l7mp.io/owned-by": "x", ...FILTERED },
      annotations: { note: "3", both: "gateway", "stunner.l7mp.io/related-gateway-name": "x", ...FILTERED },
    },
  );
  const given = () => workload(
    {
      labels: { team: "voice", app: "x", infra: "dataplane" },
      annotations: { scrape: "true", "infra-note": "x", "stunner.l7mp.io/related-gateway-name": "x" },
    },
    gw,
  );

  it("of the Gateway and its infrastructure are on the Deployment, but for those of the filter", () => {
    const one = given();
    expect(one.metadata.labels).toEqual({ keep: "me", both: "infra", infra: "1", ...LABELS });
    expect(one.metadata.annotations).toEqual({
      note: "3",
      both: "infra",
      "infra-note": "2",
      "stunner.l7mp.io/related-gateway-name": "media/gw",
    });
  });

  it("of the Dataplane and the infrastructure are on the pods, the Gateway's own are not", () => {
    const one = given();
    expect(one.spec.template.metadata.labels).toEqual({ team: "voice", both: "infra", infra: "1", ...POD_LABELS });
    expect(one.spec.template.metadata.annotations).toEqual({
      scrape: "true",
      both: "infra",
      "infra-note": "2",
      "stunner.l7mp.io/related-gateway-name": "media/gw",
    });
  });

  it("stand in the order of their keys, ours last", () => {
    const labels = workload({}, gateway([UDP], {}, "media/gw", { labels: { z: "1", a: "2", m: "3" } })).metadata.labels;
    expect(Object.keys(labels).slice(0, 3)).toEqual(["a", "m", "z"]);
  });

  it("of another filter, or of none", () => {
    const labels = { keep: "me", "app.kubernetes.io/managed-by": "helm" };
    const filtered = (labelFilter: string[]) =>
      Object.keys(objectOf(rendered([gateway([UDP], {}, "media/gw", { labels })], { labelFilter }), "Deployment")?.metadata.labels ?? {});
    expect(filtered([])).toEqual(expect.arrayContaining(["keep", "app.kubernetes.io/managed-by"]));
    expect(filtered(["keep"])).not.toContain("keep");
    expect(filtered(["keep"])).toContain("app.kubernetes.io/managed-by");
  });

  it("of the last kubectl apply never go on, be the filter empty or not", () => {
    const result = rendered([annotated({ "kubectl.kubernetes.io/last-applied-configuration": "{}" })], { labelFilter: [] });
    expect(JSON.stringify(result.objects)).not.toContain("last-applied");
  });
});

// improvements I23, I33.
describe("a DaemonSet", () => {
  it("is made where the Dataplane asks for it, without replicas", () => {
    const result = rendered([gateway(), dataplane({ dataplaneResource: "DaemonSet", replicas: 3 })]);
    expect(objectKeys(result)).toEqual(["DaemonSet/media/gw", "Service/media/gw"]);
    const deployment = workload({});
    expect(objectOf(result, "DaemonSet")).toEqual({ ...deployment, kind: "DaemonSet" });
  });

  it("is not made for Deployment", () => {
    expect(
      objectKeys(rendered([gateway(), dataplane({ dataplaneResource: "Deployment" })])),
    ).toEqual(["Deployment/media/gw", "Service/media/gw"]);
  });
});

// spec/resources.md 3.8, edge case 52; spec/rendering.md edge case 49.
describe("disable-managed-dataplane", () => {
  it.each([
    ["true", false],
    ["TRUE", false],
    ["false", true],
    ["yes", true],
  ])("%s: workload %s, Service and config always", (value, isThere) => {
    const result = rendered([annotated({ "stunner.l7mp.io/disable-managed-dataplane": value })]);
    expect(objectKeys(result)).toEqual([...(isThere ? ["Deployment/media/gw"] : []), "Service/media/gw"]);
    expect([...result.configs.keys()]).toEqual(["media/gw"]);
  });

  it("is read from the Gateway only", () => {
    const result = rendered([gateway([UDP], { infrastructure: { annotations: { "stunner.l7mp.io/disable-managed-dataplane": "true" } } })]);
    expect(objectKeys(result)).toContain("Deployment/media/gw");
  });

  it("means nothing in legacy mode, which makes no workloads", () => {
    expect(objectKeys(rendered([gateway()], { mode: "legacy" }))).toEqual(["ConfigMap/stunner-system/stunnerd-config", "Service/media/gw"]);
  });
});
