import type { Delivery, RemoteDelivery } from "../../shared/resources/delivery.ts";

export const TOKEN = "st1.config.aW4gdGhlIFNlY3JldCBhbmQgbm93aGVyZSBlbHNlLi4u";

export const remote = (kind: "proxy" | "pull", more: Partial<RemoteDelivery> = {}): RemoteDelivery => ({
  kind,
  endpoint: { host: "cds.example.com", port: 443, path: "/c/prod" },
  image: "sidecar:1",
  imagePullPolicy: "IfNotPresent",
  // Spelt as an API server would not.
  resources: { requests: { cpu: "0.05", memory: "65536Ki" }, limits: { cpu: 1, memory: "64Mi" } },
  pollSeconds: 10,
  token: () => TOKEN,
  ...more,
});

export const mounted = (object: "Secret" | "ConfigMap"): Delivery => ({ kind: "configmap", object });

/** A delivery as loading and rights are told of it. */
export function whichOf(delivery: Delivery | undefined) {
  return { delivery: delivery?.kind ?? "direct", deliveryObject: delivery?.kind === "configmap" ? delivery.object : "Secret" } as const;
}
