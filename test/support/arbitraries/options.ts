import * as fc from "fast-check";
import type { Delivery } from "../../../shared/resources/delivery.ts";
import type { RenderOptions } from "../../../shared/render/result.ts";
import type { StunnerdConfig } from "../../../shared/resources/stunnerd-config.ts";
import { PAIRS } from "./configuration.ts";
import { LISTENERS, CONTROLLERS, GATEWAYS, NAMESPACES, mostly, pick } from "./names.ts";

const keys = NAMESPACES.flatMap((namespace) => GATEWAYS.map((name) => `${namespace}/${name}`));

/** A configuration as an earlier pass may have published it, with certificates to hold on to. */
const published = fc
  .tuple(pick(...keys), pick(...LISTENERS), pick(...Object.values(PAIRS)))
  .map(([key, listener, pair]): [string, StunnerdConfig] => [
    key,
    {
      version: "v1",
      admin: { name: key, loglevel: "all:INFO", healthcheck_endpoint: "http://:8086", offload_engine: "None" },
      auth: { type: "static", realm: "turn.example", credentials: { password: "p", username: "u" } },
      listeners: [{ name: `${key}/${listener}`, protocol: "TURN-TLS", address: "$STUNNER_ADDR", port: 443, ...pair }],
    },
  ]);

const remote = {
  endpoint: { host: "cds.example", port: 443, path: "/c/prod" },
  image: "sidecar:1",
  imagePullPolicy: "IfNotPresent" as const,
  resources: {},
  pollSeconds: 10,
  token: ({ uid }: { readonly uid: string }) => `token-of-${uid}`,
};

/** Most often direct. */
const delivery = mostly<Delivery | undefined>(
  undefined,
  { kind: "proxy", ...remote },
  { kind: "pull", ...remote, ca: "PEM" },
  { kind: "configmap", object: "Secret" },
  { kind: "configmap", object: "ConfigMap" },
);

export const renderOptions: fc.Arbitrary<RenderOptions> = fc.record({
  controllerName: mostly(CONTROLLERS[0], CONTROLLERS[1]),
  mode: mostly<"managed" | "legacy">("managed", "legacy"),
  endpointDiscovery: mostly(true, false),
  endpointSlices: mostly(true, false),
  onInvalid: pick("hold" as const, "teardown" as const),
  referenceGrants: pick("permit" as const, "enforce" as const),
  certificates: pick("verify" as const, "trust" as const),
  labelFilter: pick(["argocd.argoproj.io/instance"], []),
  delivery,
  configOrigin: pick("http://127.0.0.1:13478"),
  published: fc.array(published, { maxLength: 3 }).map((entries) => new Map(entries)),
  released: fc.subarray(keys, { maxLength: 2 }).map((some) => new Set(some)),
  now: pick(Date.UTC(2026, 0, 1), 0),
});
