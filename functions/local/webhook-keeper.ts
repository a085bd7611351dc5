import { createWebhookKeeper, type WebhookKeeper } from "../../shared/events/webhook-keeper.ts";
import type { KubeClient } from "../../shared/kube/client.ts";
import type { Settings } from "../../shared/settings.ts";

export type EventSettings = Pick<Settings, "cluster" | "eventToken" | "tokenKeys">;

/** Undefined where no event is let in: then no webhook is looked for, for which there may be no right. */
export function webhookKeeper({ cluster, eventToken, tokenKeys }: EventSettings, client: KubeClient, dryRun = false): WebhookKeeper | undefined {
  if (eventToken === "" && tokenKeys === "") return undefined;
  return createWebhookKeeper({ client, cluster, now: Date.now, dryRun, isExpected: eventToken !== "" });
}
