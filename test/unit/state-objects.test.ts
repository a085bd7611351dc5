import { describe, expect, test } from "vitest";
import { parseManifests, type Manifests } from "../../shared/state/directory/load-manifests.ts";
import { formatProblem } from "../../shared/state/problem.ts";

function load(text: string): Manifests {
  return parseManifests(text, "f.yaml");
}

/** `severity line object field reason` of each problem. */
function summary(text: string): string[] {
  return load(text).problems.map(({ severity, line, object, field, reason }) => `${severity} ${line} ${object}|${field}|${reason}`);
}

function messages(text: string): string[] {
  return load(text).problems.map(({ field, message }) => `${field}: ${message}`);
}

function only(text: string): Record<string, unknown> {
  const { objects, problems } = load(text);
  expect(problems).toEqual([]);
  return objects[0] as Record<string, unknown>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function uid(kind: string, namespace: string, name: string): string | undefined {
  return load(`apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}`).objects[0]?.metadata.uid;
}

function route(apiVersion: string, backend: string): string {
  return `apiVersion: ${apiVersion}\nkind: UDPRoute\nmetadata: {name: a}\nspec:\n  rules:\n    - backendRefs:\n        - ${backend}`;
}

describe("defaults, as an API server gives them", () => {
  test("GatewayConfig", () => {
    const text = "apiVersion: stunner.l7mp.io/v1\nkind: GatewayConfig\nmetadata: {name: a}\nspec: {userName: u, authRef: {name: s}, x: 1}\n";
    const { objects } = load(text);
    expect(objects[0]).toEqual({
      apiVersion: "stunner.l7mp.io/v1",
      kind: "GatewayConfig",
      metadata: { name: "a", namespace: "default", uid: expect.stringMatching(UUID), generation: 1 },
      spec: {
        userName: "u",
        realm: "stunner.l7mp.io",
        authType: "plaintext",
        dataplane: "default",
        authRef: { group: "", kind: "Secret", name: "s" },
        x: 1,
      },
    });
  });

  test("Gateway", () => {
    const text = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: a, namespace: ns, uid: given, generation: 7, creationTimestamp: null}
spec:
  gatewayClassName: c
  addresses: [{value: 192.0.2.1}, {type: Hostname, value: a.example}]
  listeners:
    - {name: a, port: 1, protocol: TURN-UDP}
    - {name: b, port: 2, protocol: TURN-TLS, tls: {certificateRefs: [{name: s}]}, allowedRoutes: {kinds: [{kind: UDPRoute}]}}
    - {name: c, port: 3, protocol: TURN-UDP, allowedRoutes: {namespaces: {selector: {}}}}
`;
    const pending = { status: "Unknown", reason: "Pending", message: "Waiting for controller", lastTransitionTime: "1970-01-01T00:00:00Z" };
    expect(only(text)).toEqual({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "a", namespace: "ns", uid: "given", generation: 7 },
      spec: {
        gatewayClassName: "c",
        addresses: [{ type: "IPAddress", value: "192.0.2.1" }, { type: "Hostname", value: "a.example" }],
        listeners: [
          { name: "a", port: 1, protocol: "TURN-UDP", allowedRoutes: { namespaces: { from: "Same" } } },
          {
            name: "b",
            port: 2,
            protocol: "TURN-TLS",
            tls: { mode: "Terminate", certificateRefs: [{ group: "", kind: "Secret", name: "s" }] },
            allowedRoutes: { kinds: [{ group: "gateway.networking.k8s.io", kind: "UDPRoute" }], namespaces: { from: "Same" } },
          },
          { name: "c", port: 3, protocol: "TURN-UDP", allowedRoutes: { namespaces: { from: "Same", selector: {} } } },
        ],
      },
      status: { conditions: [{ type: "Accepted", ...pending }, { type: "Programmed", ...pending }] },
    });
  });

  test("UDPRoute of either group", () => {
    const rest = "{name: s, port: 1}\n  parentRefs: [{name: g}]\n";
    const parentRefs = [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "g" }];
    const backend = { group: "", kind: "Service", name: "s", port: 1 };
    expect(only(route("stunner.l7mp.io/v1", rest))["spec"]).toEqual({ parentRefs, rules: [{ backendRefs: [backend] }] });
    for (const version of ["v1alpha2", "v1"]) {
      const official = only(route(`gateway.networking.k8s.io/${version}`, rest));
      expect(official["apiVersion"]).toBe(`gateway.networking.k8s.io/${version}`);
      expect(official["spec"]).toEqual({ parentRefs, rules: [{ backendRefs: [{ ...backend, weight: 1 }] }] });
    }
  });

  test("Service, EndpointSlice, Endpoints, Dataplane", () => {
    const service = only([
      "apiVersion: v1",
      "kind: Service",
      "metadata: {name: a}",
      "spec: {ports: [{name: x, port: 80}, {name: y, port: 81, targetPort: web, protocol: UDP}]}",
    ].join("\n"));
    expect(service["spec"]).toEqual({
      type: "ClusterIP",
      ports: [
        { name: "x", port: 80, protocol: "TCP", targetPort: 80 },
        { name: "y", port: 81, protocol: "UDP", targetPort: "web" },
      ],
    });
    const slice = [
      "apiVersion: discovery.k8s.io/v1",
      "kind: EndpointSlice",
      "metadata: {name: a}",
      "addressType: IPv4",
      "ports: [{port: 1}]",
      "endpoints: [{addresses: [192.0.2.1]}]",
    ].join("\n");
    expect(only(slice)).toMatchObject({ ports: [{ name: "", port: 1, protocol: "TCP" }], endpoints: [{ addresses: ["192.0.2.1"] }] });
    const endpoints = "apiVersion: v1\nkind: Endpoints\nmetadata: {name: a}\nsubsets: [{addresses: [{ip: 192.0.2.1}], ports: [{port: 1}]}]";
    expect(only(endpoints)).toMatchObject({ subsets: [{ ports: [{ port: 1, protocol: "TCP" }] }] });
    expect(only("apiVersion: stunner.l7mp.io/v1\nkind: Dataplane\nmetadata: {name: a}\nspec: {}")["spec"]).toEqual({
      dataplaneResource: "Deployment",
      offloadEngine: "None",
    });
  });

  test("Secret: stringData becomes data and wins", () => {
    const text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {x: eA==, y: eQ==}\nstringData: {x: ä€, z: ''}";
    const secret = only(text);
    expect(secret).toMatchObject({ type: "Opaque", data: { x: Buffer.from("ä€").toString("base64"), y: "eQ==", z: "" } });
    expect(secret).not.toHaveProperty("stringData");
  });

  test("Namespace has the label of its name", () => {
    expect(only("apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {x: y}}")["metadata"]).toMatchObject({
      labels: { x: "y", "kubernetes.io/metadata.name": "a" },
    });
  });

  test("a UID is the same each time, and another one for another kind, namespace or name", () => {
    const uids = [uid("Secret", "a", "b"), uid("ConfigMap", "a", "b"), uid("Secret", "b", "b"), uid("Secret", "a", "c")];
    expect(uid("Secret", "a", "b")).toBe(uids[0]);
    expect(new Set(uids).size).toBe(4);
    for (const one of uids) expect(one).toMatch(UUID);
  });

  test("null counts as left out, nested too, and in a text map as the empty text", () => {
    const text = `
apiVersion: stunner.l7mp.io/v1
kind: GatewayConfig
metadata:
  name: a
  namespace:
  labels:
  annotations:
    empty:
spec:
  realm:
  authRef: {name: s, kind: null}
  unknown: null
`;
    const { objects, problems } = load(text);
    expect(objects[0]).toMatchObject({
      metadata: { namespace: "default", annotations: { empty: "" } },
      spec: { realm: "stunner.l7mp.io", authRef: { kind: "Secret" }, unknown: null },
    });
    expect(objects[0]?.metadata).not.toHaveProperty("labels");
    expect(problems.map(({ field, reason }) => [field, reason])).toEqual([
      ["metadata.annotations.empty", "NotText"], ["spec.unknown", "UnknownField"],
    ]);
  });
});

describe("older versions", () => {
  test.each(["v1alpha2", "v1beta1"])("GatewayClass and Gateway %s", (version) => {
    const text = `
apiVersion: gateway.networking.k8s.io/${version}
kind: GatewayClass
metadata: {name: c}
spec: {controllerName: stunner.l7mp.io/gateway-operator}
---
apiVersion: gateway.networking.k8s.io/${version}
kind: Gateway
metadata: {name: g}
spec: {gatewayClassName: c, listeners: [{name: a, port: 1, protocol: UDP}]}
---
apiVersion: gateway.networking.k8s.io/${version}
kind: ReferenceGrant
metadata: {name: r}
spec: {from: [{group: "", kind: A, namespace: b}], to: [{group: "", kind: Secret}]}
`;
    const { objects, problems } = load(text);
    expect(problems).toEqual([]);
    expect(objects.slice(0, 3).map(({ apiVersion }) => apiVersion)).toEqual(Array(3).fill("gateway.networking.k8s.io/v1"));
  });

  test("stunner.l7mp.io/v1alpha1: fields that are gone are left out, each with its remedy", () => {
    const text = `
apiVersion: stunner.l7mp.io/v1alpha1
kind: GatewayConfig
metadata: {name: c}
spec:
  stunnerConfig: x
  minPort: 1
  maxPort: 2
  metricsEndpoint: http://0.0.0.0:8080/metrics
  healthCheckEndpoint: http://0.0.0.0:8086
---
apiVersion: stunner.l7mp.io/v1alpha1
kind: StaticService
metadata: {name: s}
spec: {prefixes: [192.0.2.0/24], ports: [{port: 1}]}
---
apiVersion: stunner.l7mp.io/v1alpha1
kind: Dataplane
metadata: {name: d}
spec: {healthCheckPort: 1}
`;
    const { objects, problems } = load(text);
    expect(objects.slice(0, 3).map(({ apiVersion, spec }) => [apiVersion, spec])).toEqual([
      ["stunner.l7mp.io/v1", { authType: "plaintext", dataplane: "default", realm: "stunner.l7mp.io" }],
      ["stunner.l7mp.io/v1", { prefixes: ["192.0.2.0/24"] }],
      ["stunner.l7mp.io/v1", { dataplaneResource: "Deployment", offloadEngine: "None" }],
    ]);
    expect(problems.every(({ severity, reason }) => severity === "warning" && reason === "RetiredField")).toBe(true);
    expect(problems.map(({ line, field }) => [line, field])).toEqual([
      [6, "spec.stunnerConfig"],
      [7, "spec.minPort"],
      [8, "spec.maxPort"],
      [9, "spec.metricsEndpoint"],
      [10, "spec.healthCheckEndpoint"],
      [15, "spec.ports"],
      [20, "spec.healthCheckPort"],
    ]);
    const remedies = ["stunnerd-config", "endPort", "endPort", "enableMetricsEndpoint", "disableHealthCheck", "backendRefs", "disableHealthCheck"];
    for (const [index, remedy] of remedies.entries()) expect(problems[index]?.message).toContain(remedy);
  });

  test("the same fields in a v1 object", () => {
    const text = "apiVersion: stunner.l7mp.io/v1\nkind: GatewayConfig\nmetadata: {name: c}\nspec: {minPort: 1}";
    expect(summary(text)).toEqual(["warning 4 GatewayConfig default/c|spec.minPort|RetiredField"]);
  });

  test("a UDPRoute of Gateway API without a backend port works, with a warning", () => {
    const official = route("gateway.networking.k8s.io/v1alpha2", "{name: s}");
    expect(summary(official)).toEqual(["warning 7 UDPRoute default/a|spec.rules[0].backendRefs[0].port|MissingPort"]);
    expect(load(official).objects[0]).toMatchObject({ spec: { rules: [{ backendRefs: [{ name: "s", group: "" }] }] } });
    for (const backend of ["{name: s, port: 1}", "{name: s, group: stunner.l7mp.io, kind: StaticService}", "{name: s, kind: Other}"]) {
      expect(summary(route("gateway.networking.k8s.io/v1", backend))).toEqual([]);
    }
    expect(summary(route("stunner.l7mp.io/v1", "{name: s}"))).toEqual([]);
    expect(summary("apiVersion: gateway.networking.k8s.io/v1\nkind: UDPRoute\nmetadata: {name: a}\nspec: {rules: [{}]}")).toEqual([]);
  });

  test("an unknown version of a known kind is an error that names the accepted ones", () => {
    const text = [
      "apiVersion: stunner.l7mp.io/v2",
      "kind: GatewayConfig",
      "metadata: {name: a}",
      "---",
      "apiVersion: v2",
      "kind: Secret",
      "metadata: {name: a}",
    ].join("\n");
    expect(summary(text)).toEqual([
      "error 1 GatewayConfig a|apiVersion|UnknownVersion",
      "error 5 Secret a|apiVersion|UnknownVersion",
    ]);
    expect(messages(text)[0]).toContain("accepted: stunner.l7mp.io/v1, stunner.l7mp.io/v1alpha1");
    expect(messages(text)[1]).toMatch(/accepted: v1$/);
  });
});

describe("texts that are none", () => {
  test("numbers and truth values in labels, annotations and other text maps are taken as they are written", () => {
    const text = `
apiVersion: stunner.l7mp.io/v1
kind: GatewayConfig
metadata:
  name: a
  annotations:
    stunner.l7mp.io/enable-mixed-protocol-lb: true
    version: 1.10
  labels: {octal: 0o17}
spec:
  loadBalancerServiceAnnotations: {x: 1e3}
`;
    const { objects, problems } = load(text);
    expect(objects[0]).toMatchObject({
      metadata: { annotations: { "stunner.l7mp.io/enable-mixed-protocol-lb": "true", version: "1.10" }, labels: { octal: "0o17" } },
      spec: { loadBalancerServiceAnnotations: { x: "1e3" } },
    });
    expect(problems.map(({ severity, line, field }) => `${severity} ${line} ${field}`)).toEqual([
      'warning 7 metadata.annotations["stunner.l7mp.io/enable-mixed-protocol-lb"]',
      "warning 8 metadata.annotations.version",
      "warning 9 metadata.labels.octal",
      "warning 11 spec.loadBalancerServiceAnnotations.x",
    ]);
    expect(problems[0]?.message).toMatch(/API server refuses.*quotes/);
  });

  test("in JSON too", () => {
    const text = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"x":1.50}}}';
    expect(load(text).objects[0]?.metadata.labels).toEqual({ x: "1.50" });
  });

  test("elsewhere they are an error that says what to do", () => {
    const text = "apiVersion: v1\nkind: Secret\nmetadata: {name: 5, namespace: true}\ntype: [x]";
    expect(messages(text)).toEqual([
      "metadata.name: must be a text, not a number; put it in quotes",
      "metadata.namespace: must be a text, not a truth value; put it in quotes",
      "type: must be a text, not a list",
    ]);
  });

  test("a list or mapping in a text map stays an error", () => {
    expect(messages([
      "apiVersion: v1",
      "kind: ConfigMap",
      "metadata: {name: a}",
      "data: {x: {y: 1}, z: text}",
    ].join("\n"))).toEqual(["data.x: must be a text, not a mapping"]);
    expect(messages("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: text")).toEqual(["data: must be a mapping, not a text"]);
  });
});

test("every kind of mistake names the field and what is accepted", () => {
  const text = `
apiVersion: stunner.l7mp.io/v1
kind: Dataplane
metadata:
  name: a
  labels: {"a b": c}
spec:
  replicas: "2"
  hostNetwork: "yes"
  dataplaneResource: StatefulSet
  tolerations: {}
  affinity: []
  resources: {limits: {cpu: [1], memory: true}}
  env: [{}, x]
`;
  expect(messages(text)).toEqual([
    'metadata.labels["a b"]: as a key must be a name of at most 63 characters, optionally after a DNS name and a slash',
    "spec.affinity: must be a mapping, not a list",
    "spec.env[0].name: is required: a text",
    "spec.env[1]: must be a mapping, not a text",
    "spec.hostNetwork: must be true or false, not a text",
    "spec.replicas: must be a number, not a text",
    "spec.resources.limits.cpu: must be a whole number or a text, not a list",
    "spec.resources.limits.memory: must be a whole number or a text, not a truth value",
    "spec.tolerations: must be a list, not a mapping",
    "spec.dataplaneResource: must be one of: Deployment, DaemonSet",
  ]);
  expect(messages("apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: a}")).toEqual([
    "addressType: is required; accepted: IPv4, IPv6, FQDN",
  ]);
  expect(messages("apiVersion: v1\nkind: Secret")).toEqual(["metadata: is required: a mapping"]);
  expect(messages("apiVersion: v1\nkind: Secret\nmetadata: a")).toEqual(["metadata: must be a mapping, not a text"]);
  expect(messages("apiVersion: v1\nkind: Secret\nmetadata: {}")).toEqual(["metadata.name: is required: a text"]);
  expect(messages("apiVersion: v1\nkind: Endpoints\nmetadata: {name: a}\nsubsets: [null]")).toEqual(["subsets[0]: must be a mapping, not empty"]);
});

describe("unknown fields", () => {
  test("are reported with what was likely meant, and stay", () => {
    const text = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: a, managedFields: []}
Spec: {}
spec:
  gatewayClassName: c
  listeners:
    - {name: a, port: 1, protocol: UDP, allowedRoute: {}, zzzzzzzz: 1}
status: {foo: 1}
`;
    const { objects, problems } = load(text);
    expect(problems.map(({ line, field, reason }) => [line, field, reason])).toEqual([
      [5, "Spec", "UnknownField"],
      [9, "spec.listeners[0].allowedRoute", "UnknownField"],
      [9, "spec.listeners[0].zzzzzzzz", "UnknownField"],
    ]);
    expect(problems[1]?.message).toBe("is no field of Gateway and has no effect; did you mean allowedRoutes?");
    expect(problems[2]?.message).toBe("is no field of Gateway and has no effect");
    expect(objects[0]).toMatchObject({ Spec: {}, status: { foo: 1 }, spec: { listeners: [{ zzzzzzzz: 1 }] } });
  });

  test("are nothing to speak of in kinds of which only a part is read", () => {
    const text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {strategy: {}, template: {spec: {containers: []}}}";
    expect(only(text)).toMatchObject({ spec: { strategy: {}, template: { spec: { containers: [] } } } });
  });
});

describe("namespaces", () => {
  test("a namespaced object without one is in default; a cluster-scoped one has none", () => {
    const text = [
      "apiVersion: v1",
      "kind: Secret",
      "metadata: {name: a, namespace: ''}",
      "---",
      "apiVersion: stunner.l7mp.io/v1",
      "kind: Dataplane",
      "metadata:",
      "  name: d",
      "  namespace: ns",
    ].join("\n");
    const { objects } = load(text);
    expect(objects.slice(0, 2).map(({ metadata }) => metadata.namespace)).toEqual(["default", undefined]);
    expect(summary(text)).toEqual(["warning 9 Dataplane d|metadata.namespace|NotNamespaced"]);
  });
});

describe("what is no object of ours", () => {
  test.each([
    ["apiVersion: v1\nkind: Pod\nmetadata: {name: a}", ["info 2 Pod a|kind|IgnoredKind"]],
    ["apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}", ["info 2 Job a|kind|IgnoredKind"]],
    ["apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}", ["info 2 Role a|kind|IgnoredKind"]],
    ["apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}", ["info 2 HTTPRoute a|kind|IgnoredKind"]],
    ["apiVersion: gateway.networking.x-k8s.io/v1alpha1\nkind: XListenerSet\nmetadata: {name: a}", ["info 2 XListenerSet a|kind|IgnoredKind"]],
    ["apiVersion: gateway.networking.k8s.io/v1\nkind: UDPRout\nmetadata: {name: a}", ["warning 2 UDPRout a|kind|UnknownKind"]],
    ["apiVersion: example.org/v1\nkind: Job\nmetadata: {name: a}", ["warning 2 Job a|kind|UnknownKind"]],
    ["apiVersion: example.org/v1\nkind: Gateway\nmetadata: {name: a}", ["warning 2 Gateway a|kind|UnknownKind"]],
    ["apiVersion: v1\nkind: Srvice\nmetadata: {name: a, namespace: b}", ["warning 2 Srvice b/a|kind|UnknownKind"]],
    ["kind: Gateway\nmetadata: 5", ["error 1 Gateway|apiVersion|NoKind"]],
    ["apiVersion: v1\nmetadata: {name: a}", ["error 1 a|kind|NoKind"]],
    ["apiVersion: ''\nkind: Gateway", ["error 1 Gateway|apiVersion|NoKind"]],
    ["apiVersion: v1\nkind: ''", ["error 2 |kind|NoKind"]],
    ["just text", ["error 1 ||NotAnObject"]],
    ["- a: 1", ["error 1 ||NotAnObject"]],
    ["apiVersion: v1\nkind: List\nitems: [5]", ["error 3 ||NotAnObject"]],
  ])("%j", (text, expected) => {
    expect(summary(text)).toEqual(expected);
    expect(load(text).objects).toEqual([]);
  });

  test("says what was likely meant", () => {
    expect(messages("apiVersion: v1\nkind: Srvice")[0]).toContain("did you mean Service of v1?");
    expect(messages("apiVersion: example.org/v1\nkind: Gateway")[0]).toContain("did you mean Gateway of gateway.networking.k8s.io/v1?");
    expect(messages("apiVersion: example.org/v1\nkind: Something")[0]).not.toContain("did you mean");
  });
});

describe("an invalid status", () => {
  test("is left out with a warning; the object counts", () => {
    const text = [
      "apiVersion: gateway.networking.k8s.io/v1",
      "kind: GatewayClass",
      "metadata: {name: a}",
      "spec: {controllerName: a/b}",
      "status: {conditions: [{type: Accepted}]}",
    ].join("\n");
    const { objects, problems } = load(text);
    expect(objects[0]).toMatchObject({ status: { conditions: [{ type: "Accepted", status: "Unknown", reason: "Pending" }] } });
    expect(new Set(problems.map(({ severity, reason }) => `${severity} ${reason}`))).toEqual(new Set(["warning InvalidStatus"]));
    expect(problems.map(({ field }) => field)).toContain("status.conditions[0].reason");
  });

  test("beside another error does not hide that error", () => {
    const text = "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: a}\nspec: {}\nstatus: {conditions: 5}";
    const { objects, problems } = load(text);
    expect(objects).toEqual([]);
    expect(problems.map(({ severity, field }) => [severity, field])).toEqual([["error", "spec.controllerName"], ["error", "status.conditions"]]);
  });
});

test("parametersRef without group and kind: each is an error with what to write", () => {
  const text = [
    "apiVersion: gateway.networking.k8s.io/v1alpha2",
    "kind: GatewayClass",
    "metadata: {name: a}",
    "spec:",
    "  controllerName: stunner.l7mp.io/gateway-operator",
    "  parametersRef:",
    "    name: c",
    "    namespace: ns",
    "",
  ].join("\n");
  expect(load(text).objects).toEqual([]);
  expect(load(text).problems.map(formatProblem)).toEqual([
    "f.yaml:7: error: GatewayClass a: spec.parametersRef.group: is required: a text; write group: stunner.l7mp.io",
    "f.yaml:7: error: GatewayClass a: spec.parametersRef.kind: is required: a text; write kind: GatewayConfig",
  ]);
});

test("problems never hold a secret", () => {
  const text = `
apiVersion: v1
kind: Secret
metadata: {name: a}
data: {password: hunter2!, x: 5}
stringData: {y: 77777, z: [hunter2]}
---
apiVersion: stunner.l7mp.io/v1
kind: GatewayConfig
metadata: {name: a}
spec: {password: "hunter2 with spaces", sharedSecret: [hunter2], userName: 77777}
`;
  const { problems } = load(text);
  expect(problems.length).toBeGreaterThan(5);
  expect(JSON.stringify(problems)).not.toMatch(/hunter2|77777/);
});
