import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { KubeObject } from "../../../shared/resources/meta.ts";
import {
  dataplane,
  gateway,
  gatewayClass,
  gatewayConfig,
  listener,
  ownedService,
  rendered,
  route,
  secret,
  service,
  slice,
  staticService,
  tlsListener,
} from "./builders.ts";
import {
  attachedRoutes,
  classConditions,
  configOf,
  gatewayConditions,
  LISTENER_OK,
  listenerConditions,
  objectKeys,
  objectOf,
  parentLines,
  statusOf,
} from "./reading.ts";

const RESOLVED = "Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs";

// spec/rendering.md 7.4, word for word. Its certificate is a placeholder: `trust`.
describe("the worked example in managed mode", () => {
  const pods = slice("media/sfu", [], {
    endpoints: [
      { addresses: ["10.1.0.9"], conditions: { ready: true } },
      { addresses: ["10.1.0.10"], conditions: { ready: false, serving: false } },
    ],
  });
  const annotations = { "stunner.l7mp.io/enable-mixed-protocol-lb": "true", "stunner.l7mp.io/targetport": '{"tls":8443}' };
  const listeners = [
    listener("udp", 3478, "TURN-UDP", { allowedRoutes: { namespaces: { from: "All" } } }),
    tlsListener("tls", 443, "TLS", [{ name: "turn-cert" }], { mode: "Terminate" }),
  ];
  const ports = [
    { name: "udp", protocol: "UDP", port: 3478 },
    { name: "tls", protocol: "TCP", port: 443 },
  ];
  const rendering = () => rendered(
    [
      gatewayClass({}, "stunner-class", { generation: 2 }),
      gatewayConfig({ dataplane: "edge", realm: "turn.example.com", logLevel: "all:WARN", userQuota: 7, authRef: { name: "turn-auth" } }),
      secret("stunner-system/turn-auth", { type: "longterm", secret: "s3cr3t", username: "ignored" }),
      dataplane({ enableMetricsEndpoint: true, offloadEngine: "XDP", offloadInterfaces: ["eth1", "eth0"] }, "edge"),
      gateway(listeners, { gatewayClassName: "stunner-class" }, "media/turn-gw", { annotations, generation: 3 }),
      secret("media/turn-cert", { "tls.crt": "CERT", "tls.key": "KEY" }, "kubernetes.io/tls"),
      ownedService({ ports }, [{ ip: "203.0.113.10" }], "media/turn-gw"),
      service("media/sfu", { clusterIP: "10.96.0.20" }),
      pods,
      staticService("branch/office", ["192.0.2.0/24", "2001:db8::/64"]),
      route([{ name: "sfu", port: 20_000, endPort: 30_000 }], { parentRefs: [{ name: "turn-gw" }] }, "media/sfu-route"),
      route(
        [{ group: "stunner.l7mp.io", kind: "StaticService", name: "office" }],
        { parentRefs: [{ namespace: "media", name: "turn-gw" }] },
        "branch/office-route",
      ),
    ],
    { certificates: "trust" },
  );

  it("has the config, to the byte", () => {
    const result = rendering();
    const wanted = `{
      "version": "v1",
      "admin": {"name": "media/turn-gw", "loglevel": "all:WARN",
                "metrics_endpoint": "http://:8080/metrics", "healthcheck_endpoint": "http://:8086",
                "offload_engine": "XDP", "offload_interfaces": ["eth0", "eth1"]},
      "auth": {"type": "ephemeral", "realm": "turn.example.com", "credentials": {"secret": "s3cr3t"}},
      "listeners": [
        {"name": "media/turn-gw/udp", "protocol": "TURN-UDP", "public_address": "203.0.113.10", "public_port": 3478,
         "address": "$STUNNER_ADDR", "port": 3478, "routes": ["branch/office-route", "media/sfu-route"]},
        {"name": "media/turn-gw/tls", "protocol": "TURN-TLS", "public_address": "203.0.113.10", "public_port": 443,
         "address": "$STUNNER_ADDR", "port": 8443, "cert": "Q0VSVA==", "key": "S0VZ", "routes": ["media/sfu-route"]}
      ],
      "clusters": [
        {"name": "branch/office-route", "type": "STATIC", "protocol": "UDP", "endpoints": ["192.0.2.0/24", "2001:db8::/64"]},
        {"name": "media/sfu-route", "type": "STATIC", "protocol": "UDP",
         "endpoints": ["10.1.0.10:<20000-30000>", "10.1.0.9:<20000-30000>", "10.96.0.20:<20000-30000>"]}
      ]
    }`;
    expect(JSON.stringify(configOf(result, "media/turn-gw"))).toBe(JSON.stringify(JSON.parse(wanted)));
    expect([...result.configs.keys()]).toEqual(["media/turn-gw"]);
  });

  it("has the statuses", () => {
    const result = rendering();
    expect(classConditions(result, "stunner-class")).toEqual(["Accepted=True/Accepted"]);
    expect(statusOf(result, "GatewayClass", "stunner-class")?.conditions?.[0]?.observedGeneration).toBe(2);
    expect(gatewayConditions(result, "media/turn-gw")).toEqual(["Accepted=True/Accepted", "Programmed=True/Programmed"]);
    expect(statusOf(result, "Gateway", "media/turn-gw")?.conditions?.map((one) => one.observedGeneration)).toEqual([3, 3]);
    expect(statusOf(result, "Gateway", "media/turn-gw")?.addresses).toEqual([{ type: "IPAddress", value: "203.0.113.10" }]);
    expect(attachedRoutes(result, "media/turn-gw")).toEqual(["udp=2", "tls=1"]);
    for (const name of ["udp", "tls"]) expect(listenerConditions(result, name, "media/turn-gw")).toEqual(LISTENER_OK);
    expect(parentLines(result, "media/sfu-route")).toEqual([`turn-gw ${RESOLVED}`]);
    expect(parentLines(result, "branch/office-route")).toEqual([`media/turn-gw ${RESOLVED}`]);
    expect(result.problems).toEqual([]);
  });
});

const at = (port: number) => ({ public_address: "203.0.113.10", public_port: port, address: "$STUNNER_ADDR" });

// spec/resources.md 10, input and output as written there, with the label of I41.
describe("the worked example of resources", () => {
  const input = `
apiVersion: stunner.l7mp.io/v1
kind: GatewayConfig
metadata: {name: rtc-config, namespace: stunner-system}
spec:
  userName: alice
  password: s3cret
  loadBalancerServiceAnnotations:
    cloud.example.com/tier: premium
    stunner.l7mp.io/service-type: NodePort
    stunner.l7mp.io/disable-session-affinity: "true"
---
apiVersion: stunner.l7mp.io/v1
kind: Dataplane
metadata: {name: default}
spec:
  replicas: 1
  image: docker.io/l7mp/stunnerd:1.2.1
  imagePullPolicy: IfNotPresent
  command: [stunnerd]
  args: [-w, --udp-thread-num=16]
  env: [{name: GOMEMLIMIT, value: 400MiB}]
  labels: {team: realtime, app: ignored}
  annotations: {prometheus.io/scrape: "true"}
  resources: {limits: {cpu: 2, memory: 512Mi}, requests: {cpu: 500m, memory: 128Mi}}
  terminationGracePeriodSeconds: 3600
  enableMetricsEndpoint: true
  tolerations: [{key: dedicated, operator: Equal, value: media, effect: NoSchedule}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: turn-edge
  namespace: media
  uid: 11111111-2222-3333-4444-555555555555
  labels: {env: prod, argocd.argoproj.io/instance: media-stack}
  annotations:
    stunner.l7mp.io/service-type: LoadBalancer
    stunner.l7mp.io/enable-mixed-protocol-lb: "True"
    stunner.l7mp.io/external-traffic-policy: Local
    stunner.l7mp.io/disable-session-affinity: "no"
    stunner.l7mp.io/nodeport: '{"udp":30478,"ghost":30999}'
    stunner.l7mp.io/targetport: '"tls":5349'
    service.beta.kubernetes.io/do-loadbalancer-healthcheck-port: "8086"
    service.beta.kubernetes.io/do-loadbalancer-healthcheck-protocol: http
    owner.example.com/contact: rtc-team
spec:
  gatewayClassName: rtc
  addresses: [{type: IPAddress, value: 203.0.113.10}]
  listeners:
  - {name: udp, port: 3478, protocol: TURN-UDP}
  - {name: tcp, port: 3478, protocol: TURN-TCP}
  - {name: tls, port: 443, protocol: TURN-TLS, tls: {mode: Terminate, certificateRefs: [{name: turn-cert}]}}
`;
  const objects = input.split("---").map((text) => parse(text) as KubeObject);
  const rtc = gatewayClass(
    { parametersRef: { group: "stunner.l7mp.io", kind: "GatewayConfig", namespace: "stunner-system", name: "rtc-config" } },
    "rtc",
  );
  const cert = secret("media/turn-cert", { "tls.crt": "CERT", "tls.key": "KEY" }, "kubernetes.io/tls");
  const rendering = () => rendered([...objects, rtc, cert], { certificates: "trust", configOrigin: "http://10.244.1.23:13478" });

  it("has the Service", () => {
    const result = rendering();
    expect(objectOf(result, "Service", "media/turn-edge")).toEqual(
      parse(`
apiVersion: v1
kind: Service
metadata:
  name: turn-edge
  namespace: media
  labels:
    gateway.networking.k8s.io/gateway-name: turn-edge
    stunner.l7mp.io/owned-by: stunner
    stunner.l7mp.io/related-gateway-name: turn-edge
    stunner.l7mp.io/related-gateway-namespace: media
  annotations:
    cloud.example.com/tier: premium
    owner.example.com/contact: rtc-team
    service.beta.kubernetes.io/do-loadbalancer-healthcheck-port: "8086"
    service.beta.kubernetes.io/do-loadbalancer-healthcheck-protocol: http
    stunner.l7mp.io/disable-session-affinity: "no"
    stunner.l7mp.io/enable-mixed-protocol-lb: "True"
    stunner.l7mp.io/external-traffic-policy: Local
    stunner.l7mp.io/nodeport: '{"udp":30478,"ghost":30999}'
    stunner.l7mp.io/related-gateway-name: media/turn-edge
    stunner.l7mp.io/service-type: LoadBalancer
    stunner.l7mp.io/targetport: '"tls":5349'
  ownerReferences:
  - {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, name: turn-edge, uid: 11111111-2222-3333-4444-555555555555}
spec:
  type: LoadBalancer
  selector:
    app: stunner
    stunner.l7mp.io/related-gateway-name: turn-edge
    stunner.l7mp.io/related-gateway-namespace: media
  sessionAffinity: ClientIP
  externalTrafficPolicy: Local
  loadBalancerIP: 203.0.113.10
  ports:
  - {name: udp, protocol: UDP, port: 3478, targetPort: 3478, nodePort: 30478}
  - {name: tcp, protocol: TCP, port: 3478, targetPort: 3478}
  - {name: tls, protocol: TCP, port: 443, targetPort: 5349}
  - {name: gateway-health-check, protocol: TCP, port: 8086, targetPort: 8086}
`),
    );
  });

  it("has the Deployment", () => {
    const result = rendering();
    expect(objectOf(result, "Deployment", "media/turn-edge")).toEqual(
      parse(`
apiVersion: apps/v1
kind: Deployment
metadata:
  name: turn-edge
  namespace: media
  labels:
    env: prod
    gateway.networking.k8s.io/gateway-name: turn-edge
    stunner.l7mp.io/owned-by: stunner
    stunner.l7mp.io/related-gateway-name: turn-edge
    stunner.l7mp.io/related-gateway-namespace: media
  annotations:
    owner.example.com/contact: rtc-team
    service.beta.kubernetes.io/do-loadbalancer-healthcheck-port: "8086"
    service.beta.kubernetes.io/do-loadbalancer-healthcheck-protocol: http
    stunner.l7mp.io/disable-session-affinity: "no"
    stunner.l7mp.io/enable-mixed-protocol-lb: "True"
    stunner.l7mp.io/external-traffic-policy: Local
    stunner.l7mp.io/nodeport: '{"udp":30478,"ghost":30999}'
    stunner.l7mp.io/related-gateway-name: media/turn-edge
    stunner.l7mp.io/service-type: LoadBalancer
    stunner.l7mp.io/targetport: '"tls":5349'
  ownerReferences:
  - {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, name: turn-edge, uid: 11111111-2222-3333-4444-555555555555}
spec:
  selector:
    matchExpressions:
    - {key: app, operator: In, values: [stunner]}
    - {key: stunner.l7mp.io/related-gateway-name, operator: In, values: [turn-edge]}
    - {key: stunner.l7mp.io/related-gateway-namespace, operator: In, values: [media]}
  template:
    metadata:
      labels:
        app: stunner
        gateway.networking.k8s.io/gateway-name: turn-edge
        stunner.l7mp.io/related-gateway-name: turn-edge
        stunner.l7mp.io/related-gateway-namespace: media
        team: realtime
      annotations:
        prometheus.io/scrape: "true"
        stunner.l7mp.io/related-gateway-name: media/turn-edge
    spec:
      terminationGracePeriodSeconds: 3600
      tolerations: [{key: dedicated, operator: Equal, value: media, effect: NoSchedule}]
      containers:
      - name: stunner-daemon
        image: docker.io/l7mp/stunnerd:1.2.1
        imagePullPolicy: IfNotPresent
        command: [stunnerd]
        args: [-w, --udp-thread-num=16]
        env:
        - {name: STUNNER_ADDR, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        - {name: STUNNER_NAME, value: turn-edge}
        - {name: STUNNER_NAMESPACE, value: media}
        - {name: STUNNER_NODENAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: STUNNER_CONFIG_ORIGIN, value: "http://10.244.1.23:13478"}
        - {name: GOMEMLIMIT, value: 400MiB}
        ports: [{name: metrics-port, containerPort: 8080, protocol: TCP}]
        resources: {limits: {cpu: 2, memory: 512Mi}, requests: {cpu: 500m, memory: 128Mi}}
        livenessProbe:
          httpGet: {path: /live, port: 8086, scheme: HTTP}
          periodSeconds: 15
          successThreshold: 1
          failureThreshold: 3
          timeoutSeconds: 1
        readinessProbe:
          httpGet: {path: /ready, port: 8086, scheme: HTTP}
          periodSeconds: 15
          successThreshold: 1
          failureThreshold: 3
          timeoutSeconds: 1
`),
    );
    expect(objectKeys(result)).toEqual(["Deployment/media/turn-edge", "Service/media/turn-edge"]);
  });

  it("arrives in one pass where upstream needs two: addresses, Programmed, ports", () => {
    const result = rendering();
    expect(configOf(result, "media/turn-edge")?.listeners).toEqual([
      { name: "media/turn-edge/udp", protocol: "TURN-UDP", ...at(3478), port: 3478 },
      { name: "media/turn-edge/tcp", protocol: "TURN-TCP", ...at(3478), port: 3478 },
      { name: "media/turn-edge/tls", protocol: "TURN-TLS", ...at(443), port: 5349, cert: "Q0VSVA==", key: "S0VZ" },
    ]);
    expect(gatewayConditions(result, "media/turn-edge")).toEqual(["Accepted=True/Accepted", "Programmed=True/Programmed"]);
    expect(statusOf(result, "Gateway", "media/turn-edge")?.addresses).toEqual([{ type: "IPAddress", value: "203.0.113.10" }]);
  });
});
