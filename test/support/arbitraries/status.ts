import * as fc from "fast-check";
import type { JsonObject } from "../json.ts";
import { CONTROLLERS, GATEWAYS, LISTENERS, list, namespace, pick, some } from "./names.ts";

const condition = (types: readonly string[]): fc.Arbitrary<JsonObject> =>
  some(
    {
      type: pick(...types),
      status: pick("True", "False", "Unknown"),
      reason: pick("Accepted", "Pending", "Odd_Reason"),
      message: pick("", "as it was"),
      lastTransitionTime: fc.constant("2026-01-01T00:00:00Z"),
    },
    { observedGeneration: fc.integer({ min: 0, max: 3 }) },
  );

/** Conditions of ours and of others, one per type, up to the limit of the CRDs. */
export const conditions = (minLength = 0): fc.Arbitrary<JsonObject[]> =>
  fc.uniqueArray(condition(["Accepted", "Programmed", "ResolvedRefs", "Conflicted", "example.com/A", "B", "C", "D", "E", "F", "G", "H"]), {
    selector: (one) => one["type"],
    minLength,
    maxLength: 8,
  });

export const gatewayStatus = some(
  {},
  {
    conditions: conditions(),
    addresses: list(some({ type: fc.constant("IPAddress"), value: pick("203.0.113.7", "2001:db8::7") }), 2),
    listeners: fc.uniqueArray(
      some({ name: pick(...LISTENERS), attachedRoutes: fc.nat(3), conditions: conditions() }, { supportedKinds: fc.constant([]) }),
      { selector: (one) => one["name"], maxLength: 3 },
    ),
  },
);

const parentStatus = some({
  parentRef: some(
    { group: fc.constant("gateway.networking.k8s.io"), kind: fc.constant("Gateway"), name: pick(...GATEWAYS, "missing") },
    { namespace, sectionName: pick(...LISTENERS), port: pick(3478, 443) },
  ),
  controllerName: pick(...CONTROLLERS),
  conditions: conditions(1),
});

export const routeStatus = some({ parents: list(parentStatus, 4) });
