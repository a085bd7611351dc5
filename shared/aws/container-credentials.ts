import { readFile } from "node:fs/promises";
import * as z from "zod/mini";
import { CloudError } from "../cloud/errors.ts";
import type { Expiring } from "../cloud/expiring.ts";
import { parseJson } from "../cloud/json.ts";
import type { send } from "../cloud/send.ts";
import type { AwsCredentials, Environment } from "./credentials.ts";

const answerSchema = z.object({
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  Token: z.optional(z.string()),
  Expiration: z.optional(z.string()),
});

const HOUR = 60 * 60_000;

/** Asks the agent of a container (AWS SDKs and Tools Reference, "Container credential provider"). @throws {CloudError} */
export async function readContainerCredentials(env: Environment, ask: typeof send): Promise<Expiring<AwsCredentials>> {
  const url = env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] || `http://169.254.170.2${env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] ?? ""}`;
  const file = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  const answer = await ask(async () => {
    const token = file ? (await readFile(file, "utf8")).trim() : env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
    return { method: "GET", url, headers: token ? { authorization: token } : {} };
  }, { timeout: 2_000 });
  const read = answer.status === 200 ? answerSchema.safeParse(parseJson(answer.body)) : undefined;
  const { status, cause } = answer;
  if (!read?.success) throw new CloudError("get AWS credentials of the container", { code: `Http${status}`, status, cause });
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration } = read.data;
  return { value: { accessKeyId, secretAccessKey, sessionToken }, expires: Expiration === undefined ? Date.now() + HOUR : Date.parse(Expiration) };
}
