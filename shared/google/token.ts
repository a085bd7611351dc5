import * as z from "zod/mini";
import type { Environment } from "../aws/credentials.ts";
import { CloudError } from "../cloud/errors.ts";
import { type Expiring, type ExpiringCache, createExpiring } from "../cloud/expiring.ts";
import { parseJson } from "../cloud/json.ts";
import { send } from "../cloud/send.ts";

/** Access tokens of a service account (OAuth 2.0). */
export type GoogleTokenSource = ExpiringCache<string>;

const answerSchema = z.object({ access_token: z.string(), expires_in: z.number() });

/** The metadata server itself hands out the same token until five minutes before its end. */
const MARGIN = 4 * 60_000;

/**
 * Tokens of the function's service account from the metadata server (Compute Engine, "Authenticate with access tokens").
 * @param env GCE_METADATA_HOST names another server
 */
export function metadataTokens(env: Environment = process.env, now: () => number = Date.now): GoogleTokenSource {
  return createExpiring(() => readToken(env["GCE_METADATA_HOST"] || "metadata.google.internal", now), { margin: MARGIN, now });
}

/**
 * Tokens of whoever runs this program: GOOGLE_OAUTH_ACCESS_TOKEN, under the name that Terraform's provider reads
 * (hashicorp/google, "access_token"), else those of the metadata server.
 * @param env read at every use
 */
export function environmentTokens(env: Environment = process.env): GoogleTokenSource {
  const server = metadataTokens(env);
  return {
    get: async () => env["GOOGLE_OAUTH_ACCESS_TOKEN"] || (await server.get().catch(missed)),
    drop: (token) => server.drop(token),
  };
}

function missed(cause: unknown): never {
  if (!(cause instanceof CloudError)) throw cause;
  const { code, status, retryable } = cause;
  const hint = "; where there is none, `export GOOGLE_OAUTH_ACCESS_TOKEN=$(gcloud auth print-access-token)` gives it yours";
  throw new CloudError("get an access token: GOOGLE_OAUTH_ACCESS_TOKEN is not set, and from Google's metadata server", { code, status, retryable, hint, cause });
}

async function readToken(host: string, now: () => number): Promise<Expiring<string>> {
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`;
  const { status, body, cause } = await send(async () => ({ method: "GET", url, headers: { "metadata-flavor": "Google" } }), { timeout: 3_000, attempts: 4 });
  const read = status === 200 ? answerSchema.safeParse(parseJson(body)) : undefined;
  if (!read?.success) {
    const code = status === 0 ? "no answer" : `Http${status}`;
    throw new CloudError("get a token of the service account from Google's metadata server", { code, status, cause });
  }
  return { value: read.data.access_token, expires: now() + read.data.expires_in * 1000 };
}
