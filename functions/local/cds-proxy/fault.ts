import type { Answer } from "../../../shared/cds/answer.ts";
import { failure } from "../../../shared/cds/refusals.ts";
import { reasonOf } from "../fail.ts";

/** Why a request could not be passed on, with what the client is told. Neither has the token or what was asked. */
export interface Fault {
  readonly status: 500 | 502 | 504;
  readonly message: string;
}

/** Codes of TLS for a certificate that nobody vouches for (Node's tls, "X509 certificate error codes"). */
const UNTRUSTED: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** @param origin of the remote */
export function faultOf(error: unknown, origin: string): Fault {
  const remote = `The config discovery server at ${origin}`;
  if (error instanceof RemoteSilent) return { status: 504, message: `${remote} does not answer` };
  if (error instanceof TokenUnreadable) return { status: 500, message: error.message };
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (UNTRUSTED.has(code)) return { status: 502, message: `${remote} has a certificate that nobody known vouches for; --ca names the authority that does` };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return { status: 502, message: `${remote} has a certificate of another name` };
  if (code === "CERT_HAS_EXPIRED") return { status: 502, message: `${remote} has a certificate that has expired` };
  return { status: 502, message: `${remote} cannot be reached: ${reasonOf(error)}` };
}

export function answerOf({ status, message }: Fault): Answer {
  return failure(status, message, status === 500 ? {} : { "Retry-After": "1" });
}

/** The remote took too long. */
export class RemoteSilent extends Error {
  readonly code = "RemoteSilent";
  readonly retryable = true;

  constructor() {
    super("the remote does not answer");
    this.name = "RemoteSilent";
  }
}

/** The file that the token is in cannot be read. */
export class TokenUnreadable extends Error {
  readonly code = "TokenUnreadable";
  readonly retryable = true;

  constructor(path: string, cause: unknown) {
    super(`The token cannot be read: ${path}: ${cause instanceof Error ? reasonOf(cause) : String(cause)}`, { cause });
    this.name = "TokenUnreadable";
  }
}
