import * as z from "zod/mini";
import { CloudError } from "../cloud/errors.ts";
import { parseJson } from "../cloud/json.ts";
import type { SendOptions } from "../cloud/send.ts";
import { askGoogle, googleCode } from "../google/ask.ts";
import type { GoogleTokenSource } from "../google/token.ts";

const answerSchema = z.object({ payload: z.object({ data: z.string() }) });

export interface GoogleSecretOptions {
  readonly tokens: GoogleTokenSource;
  /** Default: Google's own. */
  readonly endpoint?: string;
  readonly sending?: SendOptions;
}

/**
 * The newest version of a secret in Google Secret Manager.
 * @param name `projects/P/secrets/S`, or with `/versions/V`
 * @throws {CloudError}
 */
export async function readGoogleSecret(name: string, { tokens, endpoint = "https://secretmanager.googleapis.com", sending }: GoogleSecretOptions): Promise<string> {
  const doing = `read the secret ${name} of Google Secret Manager`;
  if (!/^projects\/[\w:.-]+\/secrets\/[\w-]+(\/versions\/\w+)?$/.test(name)) {
    throw new CloudError(doing, { code: "its name is not projects/P/secrets/S", status: 0, retryable: false });
  }
  const version = name.includes("/versions/") ? name : `${name}/versions/latest`;
  const answer = await askGoogle({ method: "GET", url: `${endpoint}/v1/${version}:access` }, tokens, sending);
  const { status, body, cause } = answer;
  const read = status === 200 ? answerSchema.safeParse(parseJson(body)) : undefined;
  if (!read?.success) throw new CloudError(doing, { code: status === 200 ? "it holds no text" : googleCode(answer), status, cause });
  return Buffer.from(read.data.payload.data, "base64").toString();
}
