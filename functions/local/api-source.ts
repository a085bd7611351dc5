import { createApiCluster } from "../../shared/apply/live/api-cluster.ts";
import type { ApiConnect } from "../../shared/connect/kube-config.ts";
import { createClusterEvents } from "../../shared/events/cluster-events.ts";
import { createRefsKeeper } from "../../shared/events/refs-keeper.ts";
import { createRefsStore } from "../../shared/events/refs-store.ts";
import { withAccounting } from "../../shared/kube/accounting.ts";
import { withRetries } from "../../shared/kube/retry.ts";
import type { Settings } from "../../shared/settings.ts";
import type { LiveState } from "../../shared/state/live/load.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { describeApi, openApi } from "./open-api.ts";
import { RETRY_MS, type Source, type SourceContext } from "./source.ts";
import { type EventSettings, webhookKeeper } from "./webhook-keeper.ts";

type ApiSettings = Pick<Settings, "cluster" | "controllerName" | "mode" | "endpointDiscovery" | "endpointSlices" | "delivery" | "deliveryObject" | "allowMassDelete"> & EventSettings;

/**
 * A cluster behind an API server, watched.
 * @throws {CommandFailure} the kubeconfig cannot be used
 * @throws {StoreError}
 */
export async function createApiSource(connect: ApiConnect, settings: ApiSettings, store: ObjectStore, context: SourceContext): Promise<Source> {
  const { controllerName, mode, endpointDiscovery, endpointSlices, delivery, deliveryObject, allowMassDelete, cluster: clusterName } = settings;
  const opened = openApi(connect);
  const { client: transport } = opened;
  const accounting = withAccounting(transport);
  const client = withRetries(accounting.client);
  const keeper = webhookKeeper(settings, client);
  const refs = createRefsKeeper({ store, cluster: clusterName, controllerName, onError: (error) => context.warn("what the cluster refers to could not be stored", error) });
  const options = { controllerName, mode, endpointDiscovery, endpointSlices };
  const told = new Set<string | undefined>();
  const events = createClusterEvents({
    client,
    settings: options,
    refs: (await createRefsStore(store, clusterName).read())?.refs,
    onRefused(error) {
      if (!told.has(error.right)) context.warn("announced writes cannot be waited for, and may be seen only at the next look", error);
      told.add(error.right);
    },
    watch: { client: withRetries(transport), onTrouble: ({ id }, error) => error !== undefined && context.warn(`${id} cannot be watched: changes there are seen at the next resync`, error) },
    queue: { throttle: context.throttle, resync: context.resync, retry: RETRY_MS, onRequest: context.onRequest },
    pass: context.pass,
  });
  const onLoad = async (live: LiveState, permit: () => Promise<void>): Promise<void> => {
    events.loaded(live);
    keeper?.loaded(live.references);
    context.loaded?.(live);
    await refs.loaded(live, permit);
  };
  return {
    cluster: createApiCluster({
      ...options, delivery, deliveryObject, allowMassDelete, client: events.client, discover: () => events.discover(), knownKinds: refs.knownKinds, now: Date.now, onLoad,
    }),
    accounting,
    keep: keeper?.keep,
    described: [
      ["cluster", describeApi(opened, connect)],
    ],
    offer: events.offer,
    request: events.request,
    start: () => events.start(),
    async close() {
      await events.close();
      transport.close();
    },
  };
}
