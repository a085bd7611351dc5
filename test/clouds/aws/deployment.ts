import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Access, createAccess } from "../../../shared/access/access.ts";
import { formatKeyRing, newKey } from "../../../shared/access/key-ring.ts";
import type { ObjectStore } from "../../../shared/store/object-store.ts";
import { createS3Store } from "../../../shared/store/s3.ts";
import { parseS3Url } from "../../../shared/store/s3-location.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { createPki } from "../../cluster/pki.ts";
import { callAws, makeBucket, startMoto } from "../../support/moto.ts";
import { AWS_TEST_CREDENTIALS } from "../../support/versitygw.ts";
import type { CloudServer } from "../server.ts";
import { type ApiGateway, startApiGateway } from "./api-gateway.ts";
import { type EventSource, type EventSourceOptions, startEventSource } from "./event-source.ts";
import { type FaultyCloud, startFaultyCloud } from "./faults.ts";
import { functionOf, type Lambdas, startFunctions } from "./functions.ts";

export const CLUSTER = "prod";

/** The module for AWS, on this machine: the zips that build.mjs makes, moto, an HTTP API and event sources. */
export interface Deployment {
  readonly lambdas: Lambdas;
  readonly api: ApiGateway;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
  readonly moto: CloudServer;
  /** Between the functions and moto. */
  readonly cloud: FaultyCloud;
  readonly queues: Readonly<Record<"passes" | "looks" | "dead", string>>;
  /** The bucket, past what is spoilt. */
  readonly store: ObjectStore;
  readonly access: Access;
  /** Begins to bring messages to `reconcile`. */
  consume(options?: Partial<Pick<EventSourceOptions, "batch" | "disturb" | "forgets">>): Promise<EventSource>;
  close(): Promise<void>;
}

export interface DeploymentOptions {
  /** Seconds after which a message that is not done with comes again. */
  readonly visibility?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds for a pass. */
  readonly timeout?: number;
}

/** @param cluster what is managed */
export async function deploy(cluster: Cluster, { visibility = 30, env = {}, timeout = 60_000 }: DeploymentOptions = {}): Promise<Deployment> {
  const directory = mkdtempSync(join(tmpdir(), "stunner-aws-"));
  const pki = await createPki(directory);
  const moto = await startMoto();
  const cloud = await startFaultyCloud(moto.origin);
  await makeBucket(moto, "bucket");
  const queues = await makeQueues(moto, visibility);
  const ring = { current: newKey() };
  await callAws(moto, "secretsmanager", "secretsmanager.CreateSecret", { Name: "token-keys", SecretString: formatKeyRing(ring) });
  await callAws(moto, "secretsmanager", "secretsmanager.CreateSecret", { Name: "api-keys", SecretString: "Planted-api-key-for-tests" });
  const api = await startApiGateway({ cert: readFileSync(pki.files.serverCertificate), key: readFileSync(pki.files.serverKey) }, (request) => lambdas[functionOf(request)]);
  const here = (url: string): string => url.replace(moto.origin, cloud.origin);
  const list = [{ name: CLUSTER, connect: { type: "token", server: cluster.url, ca: cluster.ca, token: cluster.adminToken }, cdsCa: pki.ca }];
  const common = {
    AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: AWS_TEST_CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: AWS_TEST_CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: cloud.origin,
    STUNNER_STORE: `s3://bucket?region=us-east-1&endpoint=${cloud.origin}`, STUNNER_CLUSTERS: JSON.stringify(list), STUNNER_CDS_URL: api.origin,
    STUNNER_QUEUE_URL: here(queues.passes), STUNNER_LOOK_QUEUE_URL: here(queues.looks),
    STUNNER_TOKEN_KEYS_SECRET: "token-keys", STUNNER_API_KEYS_SECRET: "api-keys", STUNNER_LOG_LEVEL: "debug", ...env,
  };
  const lambdas = await startFunctions({ directory, envOf: () => common, timeout });
  const sources: EventSource[] = [];
  return {
    lambdas, api, ca: pki.ca, moto, cloud, queues, access: createAccess(() => ring),
    store: createS3Store(parseS3Url(`s3://bucket?region=us-east-1&endpoint=${moto.origin}`), { credentials: { get: async () => AWS_TEST_CREDENTIALS, drop: () => undefined } }),
    async consume(options = {}) {
      const made = [queues.passes, queues.looks].map((url) => startEventSource({ server: moto, url, lambda: lambdas.reconcile, ...options }));
      sources.push(...made);
      const [passes] = made;
      if (!passes) throw new Error("two were made");
      return { ...passes, stop: async () => void (await Promise.all(made.map((one) => one.stop()))) };
    },
    async close() {
      await Promise.all(sources.map((one) => one.stop()));
      await Promise.all([...Object.values(lambdas), api, cloud].map((one) => one.close()));
      await moto.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

async function makeQueues(moto: CloudServer, visibility: number): Promise<Record<"passes" | "looks" | "dead", string>> {
  const make = async (name: string, attributes: Record<string, string>): Promise<string> =>
    (await callAws<{ QueueUrl: string }>(moto, "sqs", "AmazonSQS.CreateQueue", { QueueName: `${name}.fifo`, Attributes: { FifoQueue: "true", ...attributes } })).QueueUrl;
  const dead = await make("dead", {});
  const { Attributes } = await callAws<{ Attributes: { QueueArn: string } }>(moto, "sqs", "AmazonSQS.GetQueueAttributes", { QueueUrl: dead, AttributeNames: ["QueueArn"] });
  const redrive = { VisibilityTimeout: String(visibility), RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: 3 }) };
  return { dead, passes: await make("passes", redrive), looks: await make("looks", { ...redrive, DelaySeconds: "5" }) };
}
