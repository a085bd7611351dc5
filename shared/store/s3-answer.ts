import { refusedRight } from "../aws/refused-right.ts";
import { isPassing } from "../cloud/errors.ts";
import type { CloudAnswer } from "../cloud/send.ts";
import { StoreUnavailable } from "./errors.ts";
import { childOf, readXml } from "./s3-xml.ts";

/** What to try again later, though the status does not say so. */
const PASSING = new Set(["ExpiredToken", "RequestTimeTooSkewed", "RequestTimeout", "OperationAborted", "ConditionalRequestConflict"]);

/** S3's own word for what went wrong (S3 API, "Error responses"); `Http403` and the like where there is none. */
export function s3Code({ status, body }: CloudAnswer): string {
  if (status === 0) return "no answer";
  try {
    const root = readXml(Buffer.from(body).toString());
    const code = root.name === "Error" ? childOf(root, "Code")?.text : undefined;
    if (code !== undefined && /^[A-Za-z0-9._-]{1,64}$/.test(code)) return code;
  } catch {
    // A proxy in between speaks HTML.
  }
  return `Http${status}`;
}

/** What S3 would not do. The message has its word alone: its sentences name keys. */
export function s3Failure(doing: string, answer: CloudAnswer): StoreUnavailable {
  const { status, headers, body, cause } = answer;
  const code = s3Code(answer);
  const region = headers.get("x-amz-bucket-region");
  const elsewhere = status === 301 || code === "AuthorizationHeaderMalformed" ? region : null;
  const hint = elsewhere ? `, the bucket is in the region ${elsewhere}` : refusedRight(body) || (HINTS[code] ?? "");
  return new StoreUnavailable(`cannot ${doing}: ${code}${status === 0 ? "" : ` (HTTP ${status})`}${hint}`, {
    retryable: isPassing(status) || PASSING.has(code),
    cause,
  });
}

const HINTS: Readonly<Record<string, string>> = {
  AccessDenied: ", the role needs s3:GetObject, PutObject, DeleteObject and ListBucket; with a key of its own kms:Decrypt and kms:GenerateDataKey",
  NoSuchBucket: ", there is no such bucket",
};
