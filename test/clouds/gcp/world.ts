import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountObjects, ACCOUNT } from "../../../infra/rbac/objects.ts";
import { eventWebhook } from "../../../infra/webhook/webhook.ts";
import { parseKeyRing } from "../../../shared/access/key-ring.ts";
import { deriveToken } from "../../../shared/access/token.ts";
import { WEBHOOK_NAME } from "../../../shared/events/webhook-scope.ts";
import type { ObjectStore } from "../../../shared/store/object-store.ts";
import { createGsStore } from "../../../shared/store/gs.ts";
import { parseGsUrl } from "../../../shared/store/gs-location.ts";
import { startCluster, type Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../cluster/resource.ts";
import { createAuthority, type Authority } from "../../integration/delivery/certificates.ts";
import { makeGcsBucket, startGcs } from "../../support/gcs.ts";
import { buildBundles } from "./bundles.ts";
import { startFrontEnd, type FrontEnd } from "./front-end.ts";
import { startInstance, type Instance } from "./function.ts";
import { startGate, startSecrets, type Switchable } from "./google.ts";
import { startMetadata, type Metadata } from "./metadata.ts";
import { startPool } from "./pool.ts";
import { startTasks, type Tasks } from "./tasks.ts";

const GKE = "projects/media-prod/locations/europe-west1/clusters/prod";
const QUEUE = "projects/media-prod/locations/europe-west1/queues/stunner-passes";
const NAMESPACE = "stunner-system";
const KEYS = "projects/media-prod/secrets/stunner-token-keys";
const API_KEYS = "projects/media-prod/secrets/stunner-api-keys";
export const API_KEY = "Planted-api-key-of-the-test";

/** A deployment on what stands for Google Cloud, and a real API server as its cluster `prod`, with the webhook installed. */
export interface World {
  readonly cluster: Cluster;
  /** What the functions have in Cloud Storage. */
  readonly store: ObjectStore;
  readonly gate: Switchable;
  readonly metadata: Metadata;
  readonly tasks: Tasks;
  readonly authority: Authority;
  readonly events: FrontEnd;
  readonly cds: FrontEnd;
  readonly instances: Readonly<Record<"event" | "audit" | "resync" | "cds" | "credentials", Instance>>;
  /** Instances that pass, those that have ended included. */
  readonly passing: readonly Instance[];
  /** Cold instances pass from now on. */
  replacePassing(): Promise<void>;
  /** Another instance of CDS is there, and the one before is told to stop. @returns the exit code of that one */
  replaceCds(): Promise<number | undefined>;
  /** Where tasks go. */
  readonly reconcileUrl: string;
  /** Path of the events of `prod`, with its token. */
  readonly eventPath: string;
  /** Lines of JSON that the functions that pass have written. */
  passes(): readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), "stunner-gcp-world-"));
  const [cluster, gcs, bundles, tasks] = await Promise.all([startCluster({ gatewayApi: "newest" }), startGcs(), buildBundles(), startTasks(QUEUE)]);
  await makeGcsBucket(gcs, "stunner-media-prod");
  const gate = await startGate(gcs.origin);
  const store = createGsStore(parseGsUrl(`gs://stunner-media-prod/v1?endpoint=${gcs.origin}`));
  const authority = createAuthority(directory, "authority");
  const keys = Buffer.from(`Planted-Key-${randomBytes(10).toString("hex")}`).toString("base64");
  const { current } = parseKeyRing(keys);
  const secrets = await startSecrets(new Map([[KEYS, keys], [API_KEYS, API_KEY]]));

  const account = accountObjects({ namespace: NAMESPACE, users: [], groups: [], longLivedToken: false, mode: "managed", endpointSlices: true, watch: false, delivery: "proxy", webhook: WEBHOOK_NAME });
  for (const object of [{ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } }, ...account]) await cluster.apply(object as Manifest);
  // What the metadata server of a function gives, GKE takes for its service account: here it is a token of one of Kubernetes.
  const token = await cluster.serviceAccountToken(NAMESPACE, ACCOUNT);
  const metadata = await startMetadata(() => token);

  const ports = { event: 0, cds: 0 };
  const identity = authority.sign("localhost");
  const [events, cds] = [await startFrontEnd(identity, () => ports.event), await startFrontEnd(identity, () => ports.cds)];
  const list = [{ name: "prod", connect: { type: "gke", server: cluster.url, ca: cluster.ca, cluster: GKE }, cdsCa: authority.ca }];
  await store.put("settings/clusters.json", Buffer.from(JSON.stringify(list)));

  const env = {
    STUNNER_STORE: `gs://stunner-media-prod/v1?endpoint=${gate.origin}`,
    STUNNER_CLUSTERS: "settings/clusters.json",
    STUNNER_CDS_URL: cds.origin,
    STUNNER_TOKEN_KEYS_SECRET: KEYS,
    STUNNER_API_KEYS_SECRET: API_KEYS,
    STUNNER_SECRETS_ENDPOINT: secrets.origin,
    STUNNER_QUEUE_URL: QUEUE,
    STUNNER_QUEUE_ENDPOINT: tasks.origin,
    STUNNER_QUEUE_ACCOUNT: "stunner-tasks@media-prod.iam.gserviceaccount.com",
    STUNNER_LOG_LEVEL: "debug",
    GCE_METADATA_HOST: metadata.host,
  };
  const run = (name: string, more: Record<string, string> = {}, target = name): Promise<Instance> =>
    startInstance({ source: bundles.source(name), target, env: { ...env, STUNNER_TIMEOUT_SECONDS: "300", ...more } });
  const pool = await startPool();
  const reconcileUrl = `${pool.origin}/`;
  const asking = { STUNNER_RECONCILE_URL: reconcileUrl };
  const passing: Instance[] = [];
  async function replacePassing(): Promise<void> {
    await Promise.all(passing.map((one) => one.terminate()));
    const cold = [await run("reconcile", asking), await run("reconcile", asking)];
    passing.push(...cold);
    pool.use(cold);
  }
  await replacePassing();
  const runCds = (): Promise<Instance> => run("cds", { STUNNER_TIMEOUT_SECONDS: "3600" });
  const instances = {
    event: await run("event", asking),
    audit: await run("event", asking, "audit"),
    resync: await run("resync", asking),
    cds: await runCds(),
    credentials: await run("credentials"),
  };
  ports.event = instances.event.port;
  ports.cds = instances.cds.port;
  const eventToken = deriveToken(current, { purpose: "events", cluster: "prod" });
  await cluster.apply(eventWebhook({ url: events.origin, ca: authority.ca, cluster: "prod", token: eventToken, secrets: false }) as Manifest);

  return {
    cluster, store, gate, metadata, tasks, authority, events, cds, instances, passing, replacePassing, reconcileUrl,
    async replaceCds() {
      const before = instances.cds;
      instances.cds = await runCds();
      ports.cds = instances.cds.port;
      return before.terminate();
    },
    eventPath: `/v1/clusters/prod/events/${eventToken}`,
    passes: () => passing.flatMap((one) => one.lines()).filter(({ message }) => message === "pass"),
    async close() {
      await Promise.all([...passing, ...Object.values(instances)].map((one) => one.kill()));
      await Promise.all([events, cds, pool, tasks, secrets, metadata, gate].map((one) => one.close()));
      await Promise.all([gcs.stop(), cluster.stop(), bundles.remove()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
