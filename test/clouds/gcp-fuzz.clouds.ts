import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGsStore } from "../../shared/store/gs.ts";
import { parseGsUrl } from "../../shared/store/gs-location.ts";
import { CLUSTER, publishPlanted } from "../integration/functions-host.ts";
import { fuzz, REQUESTS } from "../integration/fuzz-wire.ts";
import { ENDPOINTS, type FuzzedEndpoint } from "../integration/hardening-requests.ts";
import { PLANTED } from "../integration/hardening-server.ts";
import { makeGcsBucket, startGcs } from "../support/gcs.ts";
import { buildBundles, type Bundles } from "./gcp/bundles.ts";
import { type Instance, startInstance } from "./gcp/function.ts";
import { startMetadata, type Metadata } from "./gcp/metadata.ts";
import type { CloudServer } from "./server.ts";

/** The function of each endpoint. Probes are none of a function. */
const ROWS: readonly (readonly [string, FuzzedEndpoint])[] = ENDPOINTS.flatMap((endpoint) => {
  const name = endpoint.name.startsWith("CDS") ? "cds" : endpoint.name.startsWith("credentials") ? "credentials" : endpoint.name === "events" ? "event" : undefined;
  return name === undefined ? [] : [[name, endpoint] as const];
});

let gcs: CloudServer;
let bundles: Bundles;
let metadata: Metadata;
const instances = new Map<string, Instance>();

beforeAll(async () => {
  [gcs, bundles, metadata] = await Promise.all([startGcs(), buildBundles(), startMetadata(() => "a-token-of-nobody")]);
  await makeGcsBucket(gcs, "fuzz");
  const url = `gs://fuzz/v1?endpoint=${gcs.origin}`;
  await publishPlanted(createGsStore(parseGsUrl(url)));
  const env = {
    STUNNER_STORE: url, STUNNER_CLUSTERS: JSON.stringify([CLUSTER]), STUNNER_TOKEN_KEYS: PLANTED.key, STUNNER_CDS_URL: "https://cds.example.com", STUNNER_CREDENTIALS_RATE: "0",
    STUNNER_QUEUE_URL: "projects/p/locations/l/queues/q", STUNNER_QUEUE_ENDPOINT: gcs.origin, STUNNER_QUEUE_ACCOUNT: "a@p.iam.gserviceaccount.com", STUNNER_RECONCILE_URL: "https://reconcile.example.com",
    STUNNER_TIMEOUT_SECONDS: "300", STUNNER_LOG_LEVEL: "debug", GCE_METADATA_HOST: metadata.host,
  };
  for (const name of new Set(ROWS.map(([one]) => one))) instances.set(name, await startInstance({ source: bundles.source(name), target: name, env }));
});

afterAll(async () => {
  await Promise.all([...instances.values()].map((one) => one.kill()));
  await Promise.all([gcs.stop(), bundles.remove(), metadata.close()]);
});

describe(`${REQUESTS} requests to Google's functions'`, () => {
  it.each(ROWS.map(([name, endpoint]) => [endpoint.name, name, endpoint] as const))("%s: none breaks it, and none finds a secret", { timeout: 60_000 + REQUESTS * 50 }, async (_endpoint, name, endpoint) => {
    const instance = instances.get(name) as Instance;
    expect(await fuzz({ port: instance.port, log: () => instance.output(), bugs: [] }, endpoint, REQUESTS)).toBe(REQUESTS);
  });
});

it("a path that cannot be decoded is refused, and no log has a part of it", async () => {
  const { origin, output } = instances.get("event") as Instance;
  const { status } = await fetch(`${origin}/v1/clusters/one/events/Planted-Event-%ffToken`, { method: "POST", body: "{}" });
  expect(status).toBe(400);
  expect(output()).not.toContain("%ffToken");
});
