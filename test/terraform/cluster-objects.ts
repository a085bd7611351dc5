// Writes terraform/modules/cluster/objects.json from infra/, which knows what goes into a cluster: the rules of the
// ClusterRole by what they depend on, the default Dataplane, and the webhook with marks for what the module fills in.
// `node test/terraform/cluster-objects.ts [--check]`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultDataplane, STUNNERD_IMAGE } from "../../infra/defaults/dataplane.ts";
import { policyRules } from "../../infra/rbac/rules.ts";
import { eventWebhook } from "../../infra/webhook/webhook.ts";
import { WEBHOOK_NAME } from "../../shared/events/webhook-scope.ts";
import { deliveryKinds, DELIVERIES } from "../../shared/resources/delivery.ts";

const MODES = ["managed", "legacy"] as const;
const KINDS = ["Secret", "ConfigMap"] as const;

/** `MODE KINDS-THAT-ARE-MOUNTED ENDPOINTS WEBHOOK`: what the rules depend on, as the module puts it together. */
const rules: Record<string, unknown> = {};
const mounts: Record<string, string> = {};
for (const delivery of DELIVERIES) {
  for (const deliveryObject of KINDS) {
    mounts[`${delivery} ${deliveryObject}`] = deliveryKinds(delivery, deliveryObject).join("+") || "nothing";
    for (const mode of MODES) {
      for (const endpointSlices of [true, false]) {
        for (const webhook of [true, false]) {
          const key = [mode, mounts[`${delivery} ${deliveryObject}`], endpointSlices ? "slices" : "endpoints", webhook ? "webhook" : "alone"].join(" ");
          rules[key] = policyRules({ mode, endpointSlices, watch: false, delivery, deliveryObject, ...(webhook ? { webhook: WEBHOOK_NAME } : {}) });
        }
      }
    }
  }
}

const webhook = (secrets: boolean): object => eventWebhook({ url: "https://HOST", cluster: "CLUSTER", token: "TOKEN", secrets });
const objects = { mounts, rules, dataplane: defaultDataplane(STUNNERD_IMAGE), webhook: { plain: webhook(false), secrets: webhook(true) } };
const text = `${JSON.stringify(objects, undefined, 1)}\n`;
const file = join(import.meta.dirname, "../../terraform/modules/cluster/objects.json");

if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  process.stderr.write("terraform/modules/cluster/objects.json is stale: node test/terraform/cluster-objects.ts\n");
  process.exitCode = 1;
}
