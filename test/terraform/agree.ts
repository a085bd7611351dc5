// Terraform and the functions speak of the same things by the same names: what the modules make is read here by the code that
// will read it there.
import { deepEqual, equal } from "node:assert/strict";
import { googleCloud } from "../../functions/gcp/cloud.ts";
import { requestTimeout } from "../../functions/gcp/timeout.ts";
import { watchersPerToken } from "../../functions/gcp/watch-limits.ts";
import { awsCloud } from "../../functions/aws/cloud.ts";
import { openContext } from "../../shared/serverless/context.ts";
import { roomOf } from "../../shared/serverless/room.ts";
import { type ClusterEntry, parseClusters } from "../../shared/settings/clusters.ts";
import { renderModule, type Rendered } from "./render.ts";

interface Service {
  readonly environment_variables: Readonly<Record<string, string>>;
  readonly timeout_seconds: number;
}
type Environments = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Everything that can be said of a cluster in both modules. */
const EVERYTHING = {
  server: "https://a.example", ca: "PEM", resync_minutes: 15, mode: "managed", controller_name: "example.com/mine", endpoint_discovery: false,
  on_invalid: "teardown", reference_grants: "enforce", certificates: "trust", drift: "report", admission: "deny", label_filter: ["a/b"], poll_interval: "20s",
};

/** The same, as the functions know it. */
const READ: Partial<ClusterEntry> = {
  mode: "managed", controllerName: "example.com/mine", endpointDiscovery: false, onInvalid: "teardown", referenceGrants: "enforce", certificates: "trust",
  drift: "report", admission: "deny", labelFilter: ["a/b"],
};

const aws = renderModule("aws", { clusters: { prod: { ...EVERYTHING, eks_cluster: "media", region: "eu-west-1" } } });
const [eks] = clustersOf(aws, "aws_s3_object.clusters[0]");
deepEqual(eks?.connect, { type: "eks", server: "https://a.example", ca: "PEM", cluster: "media", region: "eu-west-1" });
sameSettings(eks, "pull");
for (const env of environmentsOf(aws, 5)) {
  const cloud = awsCloud({ ...env, AWS_REGION: "eu-central-1" });
  equal(openContext(cloud).settings.store, "s3://stunner-123456789012-eu-central-1?region=eu-central-1");
  if (env["STUNNER_QUEUE_URL"] !== undefined) cloud.openQueue();
}

const gcp = renderModule("gcp", { project: "media", region: "europe-west3", clusters: { prod: { ...EVERYTHING, gke: "projects/p/locations/l/clusters/c", audit_events: true } } });
const [gke] = clustersOf(gcp, "google_storage_bucket_object.clusters[0]");
deepEqual(gke?.connect, { type: "gke", server: "https://a.example", ca: "PEM", cluster: "projects/p/locations/l/clusters/c" });
sameSettings(gke, "proxy");
for (const env of environmentsOf(gcp, 6)) {
  const cloud = googleCloud(env);
  equal(openContext(cloud).settings.store, "gs://stunner-media-europe-west3");
  if (env["STUNNER_QUEUE_URL"] !== undefined) cloud.openQueue();
}
for (const name of ["cds", "reconcile"]) {
  const [service] = (gcp.resources.get(`google_cloudfunctions2_function.this["${name}"]`)?.["service_config"] ?? []) as readonly Service[];
  equal(requestTimeout(service?.environment_variables ?? {}), Number(service?.timeout_seconds) * 1000);
}
const { cds = {} } = gcp.outputs["environments"] as Environments;
equal(cds["STUNNER_WATCHES_PER_INSTANCE"], "250");
equal(watchersPerToken(cds), 200);
equal(roomOf((gcp.outputs["environments"] as Environments)["reconcile"] ?? {}), (512 * 1024 * 1024) / 3);
process.stdout.write("agreed\n");

function clustersOf({ resources }: Rendered, address: string): readonly ClusterEntry[] {
  return parseClusters(String(resources.get(address)?.["content"]), address);
}

function sameSettings(entry: ClusterEntry | undefined, delivery: string): void {
  equal(entry?.name, "prod");
  equal(entry?.delivery, delivery);
  equal(entry?.eventToken?.length, 43);
  for (const [key, value] of Object.entries(READ)) deepEqual(Object.entries(entry ?? {}).find(([name]) => name === key)?.[1], value, key);
}

/** @param count functions that there are */
function environmentsOf({ outputs }: Rendered, count: number): readonly Readonly<Record<string, string>>[] {
  const found = Object.values(outputs["environments"] as Environments);
  equal(found.length, count);
  return found;
}
