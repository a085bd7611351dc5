import * as fc from "fast-check";
import type { JsonObject } from "../json.ts";
import { pick, rarely, some } from "./names.ts";

const PORT_MAPS = [
  '{"udp":30478}',
  '"udp": 30478, "tcp": 30479',
  '{"udp":3478,"tcp":3478,"tls":3478}',
  '{"udp":80,"tls":0}',
  '{"udp":-1,"tcp":70000}',
  '{"udp":30478.5}',
  '{"udp":"30478"}',
  '{"constructor":30111}',
  '{"gateway-health-check":30222}',
  '{"udp":8086,"tcp":8086,"tls":8080}',
  "{",
  "",
  "{}",
  "[]",
  "null",
  '{"udp":{}}',
  "udp=1",
];

/** Every annotation that means something, with values that are right, wrong and no JSON at all (spec/resources.md 2.6). */
export const serviceAnnotations: fc.Arbitrary<JsonObject> = some(
  {},
  {
    "stunner.l7mp.io/service-type": rarely(
      pick("ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "None", "none", "nodeport", "bogus", ""),
    ),
    "stunner.l7mp.io/enable-mixed-protocol-lb": pick("true", "TRUE", "yes", ""),
    "stunner.l7mp.io/external-traffic-policy": rarely(pick("local", "Local", "cluster", "")),
    "stunner.l7mp.io/nodeport": rarely(pick(...PORT_MAPS)),
    "stunner.l7mp.io/targetport": rarely(pick(...PORT_MAPS)),
    "stunner.l7mp.io/disable-health-check-expose": rarely(pick("true", "no")),
    "stunner.l7mp.io/disable-session-affinity": rarely(pick("true", "no")),
    "stunner.l7mp.io/disable-managed-dataplane": rarely(pick("true", "True", "no")),
    "stunner.l7mp.io/enable-relay-address-discovery": rarely(pick("true", "no")),
    "stunner.l7mp.io/related-gateway-name": rarely(pick("media/other", "")),
    "service.beta.kubernetes.io/do-loadbalancer-healthcheck-port": rarely(pick("8086", "3478", "x", "-1", "99999999999")),
    "service.beta.kubernetes.io/do-loadbalancer-healthcheck-protocol": pick("http", "TCP", "udp", ""),
    "kubectl.kubernetes.io/last-applied-configuration": rarely(fc.constant("{}")),
    "argocd.argoproj.io/instance": rarely(fc.constant("x")),
    "example.com/note": pick("a", "b"),
  },
);
