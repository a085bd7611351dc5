import { startKey } from "../../../shared/queue/start.ts";
import { encodeMessage } from "../../../shared/queue/message.ts";
import type { PassMessage } from "../../../shared/queue/pass-queue.ts";
import { deriveToken } from "../../../shared/access/token.ts";
import { eventPath } from "../../../shared/events/event-path.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { gateway, listener } from "../../cluster/live-fixture.ts";
import { reference } from "../../cluster/resource.ts";
import type { FunctionName } from "./functions.ts";
import { getOverTls, type Got } from "./get.ts";
import { API_KEY, type ModuleDeployment } from "./module-deployment.ts";

const GATEWAY = reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "media");

const written = (generation: number): object => gateway("gw", { listeners: [listener("udp", 5000 + generation)] }, { uid: "uid", generation });

/** What functions are asked, so that they use all that they may do. */
export interface Uses {
  /** An admission review of a write of the Gateway, as the webhook brings it. */
  announce(name: string): Promise<Got>;
  resync(name: string): Promise<unknown>;
  /** Passes and looks as messages of `reconcile`. Something has changed before each pass. */
  pass(name: string): Promise<unknown>;
  config(name: string): Promise<Got>;
  ice(name: string): Promise<Got>;
  /**
   * Everything that a function does, for a cluster that was never seen.
   * @param known one that was passed over
   */
  all(of: FunctionName, name: string, known: string): Promise<unknown>;
}

export function createUses(cluster: Cluster, aws: ModuleDeployment): Uses {
  let port = 4000;

  async function change(): Promise<void> {
    port += 1;
    await cluster.apply(gateway("gw", { listeners: [listener("udp", port)] }), { fieldManager: "user" });
  }

  async function bring(message: PassMessage): Promise<unknown> {
    const attributes = { ApproximateReceiveCount: "1", SentTimestamp: String(Date.now()), SenderId: "", ApproximateFirstReceiveTimestamp: "0" };
    return aws.lambdas.reconcile.invoke({ Records: [{ messageId: "1", body: encodeMessage(message), attributes }] });
  }

  const uses: Uses = {
    async announce(name) {
      const resource = { group: "gateway.networking.k8s.io", version: "v1", resource: "gateways" };
      const request = { uid: "review", resource, name: "gw", namespace: "media", operation: "UPDATE", userInfo: { username: "user" }, object: written(2), oldObject: written(1), dryRun: false };
      const path = eventPath({ cluster: name, token: deriveToken(aws.access.keys().current, { purpose: "events", cluster: name }) });
      return getOverTls(aws.api.origin + path, aws.ca, { "content-type": "application/json" }, JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request }));
    },
    resync: (name) => aws.lambdas.resync.invoke({ cluster: name }),
    async pass(name) {
      await change();
      await bring({ cluster: name, start: 0 });
      await change();
      // The lease of the one before is deleted.
      await bring({ cluster: name, start: 0 });
      const found = await aws.store.get(startKey(name));
      const start = found.status === "found" ? Number((JSON.parse(Buffer.from(found.body).toString()) as { number: number }).number) : 0;
      // Too early, so it is put off; and put off so often that it asks.
      await bring({ cluster: name, start, look: 0 });
      await bring({ cluster: name, start, look: 10 });
    },
    async config(name) {
      const live = await cluster.get(GATEWAY);
      const token = aws.access.configToken(name, { namespace: "media", name: "gw", uid: live?.metadata.uid ?? "" });
      return getOverTls(`${aws.api.origin}/c/${name}/api/v1/configs/media/gw`, aws.ca, { authorization: `Bearer ${token}` });
    },
    ice: (name) => getOverTls(`${aws.api.origin}/c/${name}/ice?service=turn`, aws.ca, { "x-api-key": API_KEY }),
    async all(of, name, known) {
      if (of === "event") return uses.announce(name);
      if (of === "resync") return uses.resync(name);
      if (of === "reconcile") return uses.pass(name);
      const ask = of === "cds" ? uses.config : uses.ice;
      await ask(known);
      return ask(name);
    },
  };
  return uses;
}
