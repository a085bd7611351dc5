import { createApiCluster } from "../../shared/apply/live/api-cluster.ts";
import { withAccounting } from "../../shared/kube/accounting.ts";
import { withRetries } from "../../shared/kube/retry.ts";
import type { Settings } from "../../shared/settings.ts";
import { discover } from "../../shared/state/live/discovery.ts";
import type { LiveState } from "../../shared/state/live/load.ts";
import { openApi } from "./open-api.ts";
import type { OpenCluster } from "./open-cluster.ts";
import { webhookKeeper } from "./webhook-keeper.ts";

/** @throws {CommandFailure} the kubeconfig cannot be used */
export function openApiCluster(settings: Settings, dryRun: boolean): OpenCluster {
  const { kubeconfig, controllerName, mode, endpointDiscovery, endpointSlices, delivery, deliveryObject } = settings;
  const { client: transport } = openApi({ type: "kubeconfig", path: kubeconfig });
  const accounting = withAccounting(transport);
  const client = withRetries(accounting.client);
  const keeper = webhookKeeper(settings, client, dryRun);
  const options = { controllerName, mode, endpointDiscovery, endpointSlices, delivery, deliveryObject, dryRun };
  const told = new Set<(live: LiveState) => void>();
  const onLoad = (live: LiveState): void => {
    keeper?.loaded(live.references);
    for (const tell of told) tell(live);
  };
  return {
    cluster: createApiCluster({ ...options, client, discover: () => discover(client), now: Date.now, onLoad }),
    accounting,
    keep: keeper?.keep,
    onLoad: (tell) => void told.add(tell),
    close: async () => transport.close(),
  };
}
