import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Access, createAccess } from "../../../shared/access/access.ts";
import { formatKeyRing, newKey } from "../../../shared/access/key-ring.ts";
import { callAws } from "../../../shared/aws/call.ts";
import type { ObjectStore } from "../../../shared/store/object-store.ts";
import { createS3Store } from "../../../shared/store/s3.ts";
import { parseS3Url } from "../../../shared/store/s3-location.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { createPki } from "../../cluster/pki.ts";
import { AWS_TEST_CREDENTIALS } from "../../support/versitygw.ts";
import { renderModule } from "../../terraform/render.ts";
import { always, openAccount } from "./account.ts";
import { type ApiGateway, startApiGateway } from "./api-gateway.ts";
import { type EventSource, startEventSource } from "./event-source.ts";
import { type FaultyCloud, startFaultyCloud } from "./faults.ts";
import { FUNCTIONS, type FunctionName, functionOf, type Lambdas, startFunctions } from "./functions.ts";
import type { Policy } from "./permissions.ts";

/** As test/terraform/values.json says. */
const REGION = "eu-central-1";
export const API_KEY = "Planted-api-key-for-tests";
export type QueueName = "passes" | "looks";

/** What terraform/modules/aws makes, by its names, with its environments and policies, on moto, which enforces these. */
export interface ModuleDeployment {
  readonly lambdas: Lambdas;
  readonly api: ApiGateway;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
  /** Between the functions and moto; `refusals` has what IAM said. */
  readonly cloud: FaultyCloud;
  readonly policies: Readonly<Record<FunctionName, Policy>>;
  /** URLs. */
  readonly queues: Readonly<Record<QueueName, string>>;
  /** The bucket, as root. */
  readonly store: ObjectStore;
  readonly access: Access;
  /** From now on the role of a function has this policy, and the function begins anew. */
  allow(name: FunctionName, policy: Policy): Promise<void>;
  /** Lambda's poller of a queue, which has the role of `reconcile`. */
  consume(queue: QueueName): EventSource;
  /** A call of SQS as root. */
  askQueue<T>(target: string, queue: QueueName, input: object): Promise<T>;
  close(): Promise<void>;
}

/** @param clusters names that one cluster is listed under */
export async function deployModule(cluster: Cluster, clusters: readonly string[]): Promise<ModuleDeployment> {
  const directory = mkdtempSync(join(tmpdir(), "stunner-iam-"));
  const account = await openAccount(REGION);
  const cloud = await startFaultyCloud(account.server.origin);
  const ring = { current: newKey() };
  const secretOf = async (Name: string, SecretString: string): Promise<string> =>
    (await account.call<{ ARN: string }>("secretsmanager", "secretsmanager.CreateSecret", { Name, SecretString })).ARN;
  // A key and a network of one's own, so that every statement is there.
  const { outputs, resources } = renderModule("aws", {
    clusters: { [clusters[0] ?? ""]: { server: cluster.url } },
    token_keys_secret_arn: await secretOf("token-keys", formatKeyRing(ring)), api_keys_secret_arn: await secretOf("api-keys", API_KEY),
    kms_key_arn: `arn:aws:kms:${REGION}:123456789012:key/1`, vpc: { subnet_ids: ["subnet-1"], security_group_ids: ["sg-1"] }, log_level: "debug",
  });
  const rendered = outputs as { environments: Record<FunctionName, Record<string, string>>; function_names: Record<FunctionName, string> };
  const policies = Object.fromEntries(FUNCTIONS.map((name) => [name, JSON.parse(String(resources.get(`aws_iam_role_policy.function["${name}"]`)?.["policy"])) as Policy])) as Record<FunctionName, Policy>;
  const bucket = String(resources.get("aws_s3_bucket.store")?.["bucket"]);
  await account.makeBucket(bucket);
  const queues = { passes: await makeQueue("passes"), looks: await makeQueue("looks") };
  const pki = await createPki(directory);
  const api = await startApiGateway({ cert: readFileSync(pki.files.serverCertificate), key: readFileSync(pki.files.serverKey) }, (request) => lambdas[functionOf(request)]);
  const sessions = Object.fromEntries(await Promise.all(FUNCTIONS.map(async (name) => [name, await account.makeRole(roleOf(name))]))) as Record<FunctionName, typeof AWS_TEST_CREDENTIALS & { sessionToken: string }>;
  const lambdas: Lambdas = await startFunctions({ directory, envOf });
  const store = createS3Store(parseS3Url(`s3://${bucket}?region=${REGION}&endpoint=${account.server.origin}`), { credentials: always(AWS_TEST_CREDENTIALS) });
  const list = clusters.map((name) => ({ name, connect: { type: "token", server: cluster.url, ca: cluster.ca, token: cluster.adminToken }, cdsCa: pki.ca, delivery: "pull" }));
  await store.put(rendered.environments.event["STUNNER_CLUSTERS"] ?? "", Buffer.from(JSON.stringify(list)));
  for (const name of FUNCTIONS) await account.allow(roleOf(name), JSON.stringify(policies[name]));
  const sources: EventSource[] = [];

  function roleOf(name: FunctionName): string {
    return String(resources.get(`aws_iam_role.function["${name}"]`)?.["name"]);
  }

  async function makeQueue(name: QueueName): Promise<string> {
    const made = resources.get(`aws_sqs_queue.${name}`);
    const Attributes = { FifoQueue: "true", DelaySeconds: String(made?.["delay_seconds"] ?? 0), VisibilityTimeout: "2" };
    return (await account.call<{ QueueUrl: string }>("sqs", "AmazonSQS.CreateQueue", { QueueName: made?.["name"], Attributes })).QueueUrl;
  }

  /** What the module tells a function, and where on this machine that is. */
  function envOf(name: FunctionName): Record<string, string> {
    const told = rendered.environments[name];
    const { accessKeyId, secretAccessKey, sessionToken } = sessions[name];
    const here = (url: string): string => url.replace(account.server.origin, cloud.origin);
    return {
      ...told,
      STUNNER_STORE: `${told["STUNNER_STORE"]}&endpoint=${cloud.origin}`, STUNNER_CDS_URL: api.origin, STUNNER_THROTTLE_TIMEOUT: "20ms",
      ...("STUNNER_QUEUE_URL" in told ? { STUNNER_QUEUE_URL: here(queues.passes), STUNNER_LOOK_QUEUE_URL: here(queues.looks) } : {}),
      // No load balancer gives the Gateway an address here.
      STUNNER_PUBLIC_ADDR: "203.0.113.7", STUNNER_PUBLIC_PORT: "3478",
      AWS_ENDPOINT_URL_SECRETS_MANAGER: cloud.origin, AWS_LAMBDA_FUNCTION_NAME: rendered.function_names[name],
      AWS_REGION: REGION, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken,
    };
  }

  return {
    lambdas, api, ca: pki.ca, cloud, policies, queues, store, access: createAccess(() => ring),
    async allow(name, policy) {
      await account.allow(roleOf(name), JSON.stringify(policy));
      await lambdas[name].kill();
    },
    consume(queue) {
      const options = { region: REGION, credentials: always(sessions.reconcile) };
      const ask = async <T>(target: string, input: object): Promise<T> => (await callAws({ doing: target, service: "sqs", url: cloud.origin, target, input }, options)) as T;
      const source = startEventSource({ server: account.server, url: queues[queue], lambda: lambdas.reconcile, ask });
      sources.push(source);
      return source;
    },
    askQueue: (target, queue, input) => account.call("sqs", target, { QueueUrl: queues[queue], ...input }),
    async close() {
      await Promise.allSettled(sources.map((one) => one.stop()));
      await Promise.all([...Object.values(lambdas), api, cloud].map((one) => one.close()));
      await account.server.stop();
      rmSync(directory, { recursive: true });
    },
  };
}
