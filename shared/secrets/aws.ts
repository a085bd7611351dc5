import * as z from "zod/mini";
import { type AwsCallOptions, callAws } from "../aws/call.ts";
import { CloudError } from "../cloud/errors.ts";

const answerSchema = z.object({ SecretString: z.string() });

export interface AwsSecretOptions extends AwsCallOptions {
  /** Default: AWS's own. */
  readonly endpoint?: string;
}

/**
 * The current version of a secret in AWS Secrets Manager.
 * @param id name or ARN
 * @throws {CloudError}
 */
export async function readAwsSecret(id: string, { endpoint, ...options }: AwsSecretOptions): Promise<string> {
  const { region } = options;
  const url = endpoint ?? `https://secretsmanager.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  const doing = `read the secret ${id} of AWS Secrets Manager`;
  const answer = await callAws({ doing, service: "secretsmanager", url, target: "secretsmanager.GetSecretValue", input: { SecretId: id } }, options);
  const read = answerSchema.safeParse(answer);
  if (!read.success) throw new CloudError(doing, { code: "it holds no text", status: 200, retryable: false });
  return read.data.SecretString;
}
