import * as fc from "fast-check";
import type { JsonObject } from "../json.ts";
import { GATEWAYS, LISTENERS, SERVICES, list, metadata, mostly, namespace, pick, rarely, some } from "./names.ts";
import { routeStatus } from "./status.ts";

const ROUTES = ["sfu-route", "echo-route", "constructor"] as const;

const parentRef = some(
  { name: mostly(...GATEWAYS, "missing") },
  {
    namespace: rarely(namespace),
    sectionName: rarely(pick(...LISTENERS, "nowhere")),
    port: rarely(pick(3478, 443, 9)),
    group: mostly("gateway.networking.k8s.io", "", "example.com"),
    kind: mostly("Gateway", "Service"),
  },
);

const port = pick(1, 9001, 20_000, 65_535, 0, -1, 70_000);

const backendRef = (ports: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    { weight: 3, arbitrary: some({ name: mostly(...SERVICES, "missing") }, { namespace: rarely(namespace), ...ports }) },
    {
      weight: 2,
      arbitrary: some(
        { name: mostly("office", "branch", "missing"), group: fc.constant("stunner.l7mp.io"), kind: fc.constant("StaticService") },
        { namespace: rarely(namespace), ...ports },
      ),
    },
    {
      weight: 1,
      arbitrary: some(
        { name: pick(...SERVICES) },
        { group: pick("", "stunner.l7mp.io", "apps"), kind: pick("Service", "StaticService", "Pod"), namespace, ...ports },
      ),
    },
  );

const rules = (ref: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject[]> =>
  list(fc.oneof({ weight: 5, arbitrary: some({ backendRefs: list(ref, 3, 1) }) }, { weight: 1, arbitrary: some({}) }), 2, 1);

export const udpRoute: fc.Arbitrary<JsonObject> = some(
  {
    apiVersion: fc.constant("stunner.l7mp.io/v1"),
    kind: fc.constant("UDPRoute"),
    metadata: metadata("UDPRoute", mostly(...ROUTES)),
    spec: some({ rules: rules(backendRef({ port, endPort: port })) }, { parentRefs: list(parentRef, 3, 1) }),
  },
  { status: routeStatus },
);

/** Without two references to one parent of which only one has a section, which the official CRD refuses. */
const distinct = fc.uniqueArray(parentRef, {
  selector: (ref) => JSON.stringify([ref["name"], ref["namespace"], ref["kind"], ref["group"]]),
  minLength: 1,
  maxLength: 3,
});

export const officialRoute: fc.Arbitrary<JsonObject> = some(
  {
    apiVersion: pick("gateway.networking.k8s.io/v1alpha2", "gateway.networking.k8s.io/v1"),
    kind: fc.constant("UDPRoute"),
    metadata: metadata("UDPRoute", mostly(...ROUTES)),
    spec: some({ rules: rules(backendRef({ port: pick(1, 9001), weight: pick(1, 5) })) }, { parentRefs: distinct }),
  },
  { status: routeStatus },
);

export const referenceGrant: fc.Arbitrary<JsonObject> = some({
  apiVersion: fc.constant("gateway.networking.k8s.io/v1beta1"),
  kind: fc.constant("ReferenceGrant"),
  metadata: metadata("ReferenceGrant", pick("grant", "more")),
  spec: some({
    from: list(
      some({ group: pick("gateway.networking.k8s.io", "stunner.l7mp.io"), kind: pick("Gateway", "UDPRoute", "GatewayConfig"), namespace }),
      2,
      1,
    ),
    to: list(
      some({ group: pick("", "stunner.l7mp.io"), kind: pick("Secret", "Service", "StaticService") }, { name: pick("cert", "sfu") }),
      2,
      1,
    ),
  }),
});
