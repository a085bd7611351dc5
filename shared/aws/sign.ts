import { AwsV4Signer } from "aws4fetch";
import { hash } from "node:crypto";
import type { CloudRequest } from "../cloud/send.ts";
import type { AwsCredentials } from "./credentials.ts";

/** Signs a request, its body included, with Signature Version 4. */
export async function signAws(request: CloudRequest, credentials: AwsCredentials, service: string, region: string): Promise<CloudRequest> {
  const { method, url, headers, body } = request;
  const signer = new AwsV4Signer({
    method,
    url,
    headers: { ...headers, "x-amz-content-sha256": hash("sha256", body ?? "", "hex") },
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey,
    ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
    service,
    region,
  });
  const signed = await signer.sign();
  return { ...request, url: signed.url.href, headers: Object.fromEntries(signed.headers) };
}
