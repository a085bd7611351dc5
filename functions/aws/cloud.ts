import { environmentCredentials, environmentRegion } from "../../shared/aws/credentials.ts";
import type { SendOptions } from "../../shared/cloud/send.ts";
import { createSqsQueue } from "../../shared/queue/sqs.ts";
import { readAwsSecret } from "../../shared/secrets/aws.ts";
import type { Cloud } from "../../shared/serverless/cloud.ts";
import type { Environment } from "../../shared/settings.ts";
import { createS3Store } from "../../shared/store/s3.ts";
import { parseS3Url } from "../../shared/store/s3-location.ts";

/** Somebody waits for most functions: they give up early, and whoever asks asks again. */
const SENDING: SendOptions = { attempts: 3, timeout: 3_000 };

/**
 * AWS: S3, SQS at STUNNER_QUEUE_URL and STUNNER_LOOK_QUEUE_URL, Secrets Manager. Pods poll (DESIGN.md 4.3); passes cost, and begin
 * two seconds apart.
 * AWS_ENDPOINT_URL_SECRETS_MANAGER names another server, as for AWS's own SDKs.
 */
export function awsCloud(given: Environment): Cloud {
  const env = { STUNNER_DELIVERY: "pull", STUNNER_THROTTLE_TIMEOUT: "2s", ...given };
  const credentials = environmentCredentials(env);
  const region = environmentRegion(env) ?? "";
  const endpoint = given["AWS_ENDPOINT_URL_SECRETS_MANAGER"];
  return {
    env,
    readSecret: (id) => readAwsSecret(id, { region, credentials, sending: SENDING, ...(endpoint ? { endpoint } : {}) }),
    openStore: (url) => createS3Store(parseS3Url(url), { credentials, sending: SENDING }),
    openQueue: () => createSqsQueue({ queueUrl: given["STUNNER_QUEUE_URL"] ?? "", lookUrl: given["STUNNER_LOOK_QUEUE_URL"] ?? "", region, credentials, sending: SENDING }),
  };
}
