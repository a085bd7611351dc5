import { parse } from "yaml";
import { WEBHOOK_NAME } from "../shared/events/webhook-scope.ts";
import { clientProxy, type ClientProxyOptions } from "./client-proxy/client-proxy.ts";
import { defaultDataplane } from "./defaults/dataplane.ts";
import { CRDS } from "./generate/crds.ts";
import { manifestOf } from "./generate/manifest.ts";
import { accountObjects, type AccountOptions } from "./rbac/objects.ts";
import { eventWebhook, type WebhookOptions } from "./webhook/webhook.ts";

/** What goes into a cluster, in parts that may be installed one by one, in this order. */
export const PARTS = ["crds", "rbac", "defaults", "webhook", "client-proxy"] as const;
export type Part = (typeof PARTS)[number];

export interface ManifestOptions extends Omit<AccountOptions, "webhook"> {
  readonly image: string;
  /** Absent: nothing sends events to a URL. */
  readonly webhook?: WebhookOptions;
  /** Absent: clients reach the config discovery server by themselves. */
  readonly clientProxy?: Omit<ClientProxyOptions, "namespace">;
  readonly parts: readonly Part[];
}

/** Everything that a cluster needs but for Gateway API's own CRDs (docs/decisions/0003), in the order to create it. */
export function clusterManifests(options: ManifestOptions): object[] {
  const { webhook, clientProxy: proxy, image, parts, ...account } = options;
  const objects: Readonly<Record<Part, () => object[]>> = {
    crds: () => CRDS.map((crd) => parse(manifestOf(crd)) as object),
    rbac: () => [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: account.namespace } },
      ...accountObjects({ ...account, ...(webhook ? { webhook: webhook.name ?? WEBHOOK_NAME } : {}) }),
    ],
    defaults: () => [defaultDataplane(image)],
    webhook: () => (webhook ? [eventWebhook(webhook)] : []),
    "client-proxy": () => (proxy ? clientProxy({ ...proxy, namespace: account.namespace }) : []),
  };
  return PARTS.filter((part) => parts.includes(part)).flatMap((part) => objects[part]());
}
