import { createApiCluster } from "../../shared/apply/live/api-cluster.ts";
import { createRefsKeeper } from "../../shared/events/refs-keeper.ts";
import { withAccounting } from "../../shared/kube/accounting.ts";
import { withRetries } from "../../shared/kube/retry.ts";
import type { Settings } from "../../shared/settings.ts";
import { discover } from "../../shared/state/live/discovery.ts";
import type { LiveState } from "../../shared/state/live/load.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { openApi } from "./open-api.ts";
import type { HowToOpen, OpenCluster } from "./open-cluster.ts";
import { webhookKeeper } from "./webhook-keeper.ts";

/** @throws {CommandFailure} the kubeconfig cannot be used */
export function openApiCluster(settings: Settings, store: ObjectStore, { dryRun = false, everything = false }: Omit<HowToOpen, "store">): OpenCluster {
  const { kubeconfig, cluster: name, controllerName, mode, endpointDiscovery, endpointSlices, delivery, deliveryObject, allowMassDelete } = settings;
  const { client: transport } = openApi({ type: "kubeconfig", path: kubeconfig });
  const accounting = withAccounting(transport);
  const client = withRetries(accounting.client);
  const keeper = webhookKeeper(settings, client, dryRun);
  const options = { controllerName, mode, endpointDiscovery, endpointSlices, delivery, deliveryObject, allowMassDelete, dryRun, everything };
  const refs = createRefsKeeper({ store, cluster: name, controllerName, onError: tellError });
  const told = new Set<(live: LiveState) => void>();
  const onLoad = async (live: LiveState, permit: () => Promise<void>): Promise<void> => {
    keeper?.loaded(live.references);
    for (const tell of told) tell(live);
    await refs.loaded(live, permit);
  };
  return {
    cluster: createApiCluster({ ...options, client, discover: () => discover(client), knownKinds: refs.knownKinds, now: Date.now, onLoad }),
    accounting,
    keep: keeper?.keep,
    onLoad: (tell) => void told.add(tell),
    close: async () => transport.close(),
  };
}

function tellError(error: unknown): void {
  process.stderr.write(`what the cluster refers to could not be stored: ${error instanceof Error ? error.message : String(error)}\n`);
}
