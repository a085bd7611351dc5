import { AwsV4Signer } from "aws4fetch";
import { type AwsCredentials, type AwsCredentialSource, environmentCredentials } from "../aws/credentials.ts";
import { createExpiring } from "../cloud/expiring.ts";
import type { ClusterTokens } from "./token-provider.ts";

export interface EksConnection {
  /** Name of the EKS cluster, as AWS knows it. */
  readonly cluster: string;
  readonly region: string;
}

export interface EksOptions {
  /** Default: those of the environment. */
  readonly credentials?: AwsCredentialSource;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** EKS takes a token for 15 minutes from its date, whatever its URL says (aws-iam-authenticator). */
const LIFE = 14 * 60_000;
const MARGIN = 2 * 60_000;

/** Tokens for the API server of an EKS cluster, made here without asking anybody: a presigned URL of STS that tells who signed. */
export function eksTokens(connection: EksConnection, { credentials = environmentCredentials(), now = Date.now }: EksOptions = {}): ClusterTokens {
  return createExpiring(async () => {
    const made = now();
    return { value: await signEksToken(connection, await credentials.get(), made), expires: made + LIFE };
  }, { margin: MARGIN, now });
}

/**
 * The token of one moment: `k8s-aws-v1.` and the URL in base64url, its parameters in the order that AWS's own tools use.
 * @param now milliseconds since the epoch
 */
export async function signEksToken({ cluster, region }: EksConnection, credentials: AwsCredentials, now: number): Promise<string> {
  const url = `https://sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60`;
  const signer = new AwsV4Signer({
    url,
    method: "GET",
    headers: { "x-k8s-aws-id": cluster },
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey,
    ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
    service: "sts",
    region,
    datetime: new Date(now).toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
    signQuery: true,
  });
  const { searchParams, origin } = (await signer.sign()).url;
  const query = ORDER.flatMap((name) => {
    const value = searchParams.get(name);
    return value === null ? [] : [`${name}=${encode(value)}`];
  });
  return `k8s-aws-v1.${Buffer.from(`${origin}/?${query.join("&")}`).toString("base64url")}`;
}

const ORDER = [
  "Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Security-Token", "X-Amz-Signature",
];

/** Everything but unreserved characters (RFC 3986, 2.3). */
function encode(value: string): string {
  return encodeURIComponent(value).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
