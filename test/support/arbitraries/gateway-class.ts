import * as fc from "fast-check";
import type { JsonObject } from "../json.ts";
import { CLASSES, CONTROLLERS, metadata, mostly, namespace, pick, some } from "./names.ts";
import { conditions } from "./status.ts";

export const gatewayClass: fc.Arbitrary<JsonObject> = some(
  {
    apiVersion: fc.constant("gateway.networking.k8s.io/v1"),
    kind: fc.constant("GatewayClass"),
    metadata: metadata("GatewayClass", mostly(...CLASSES), { cluster: true }),
    spec: some(
      { controllerName: mostly(...CONTROLLERS) },
      {
        parametersRef: fc.oneof(
          {
            weight: 4,
            arbitrary: some({
              group: fc.constant("stunner.l7mp.io"),
              kind: fc.constant("GatewayConfig"),
              name: mostly("config", "second"),
              namespace,
            }),
          },
          {
            weight: 1,
            arbitrary: some(
              { group: pick("stunner.l7mp.io", "example.com"), kind: pick("GatewayConfig", "ConfigMap"), name: pick("config", "missing") },
              { namespace },
            ),
          },
        ),
      },
    ),
  },
  { status: some({ conditions: conditions() }) },
);
