import * as z from "zod/mini";
import { CloudError } from "../cloud/errors.ts";
import { parseJson } from "../cloud/json.ts";
import { send, type SendOptions } from "../cloud/send.ts";
import type { AwsCredentials, AwsCredentialSource } from "./credentials.ts";
import { refusedRight } from "./refused-right.ts";
import { signAws } from "./sign.ts";

const TYPE = "__type";
const errorSchema = z.object({ [TYPE]: z.string() });

/** A call of a service that speaks AWS's JSON protocol. */
export interface AwsCall {
  /** What a person would call it: `send a message …`. */
  readonly doing: string;
  /** As signatures name it, such as `sqs`. */
  readonly service: string;
  readonly url: string;
  /** `AmazonSQS.SendMessage` */
  readonly target: string;
  readonly input: object;
}

export interface AwsCallOptions {
  readonly region: string;
  readonly credentials: AwsCredentialSource;
  readonly sending?: SendOptions | undefined;
}

/** Words of AWS for credentials that were good once, and for too much at a time. */
const EXPIRED = new Set(["ExpiredToken", "ExpiredTokenException"]);
const THROTTLED = new Set(["ThrottlingException", "Throttling", "RequestThrottled", "TooManyRequestsException", "RequestThrottledException"]);

/** @returns the answer's JSON @throws {CloudError} with AWS's word as its code */
export async function callAws({ doing, service, url, target, input }: AwsCall, { region, credentials, sending }: AwsCallOptions): Promise<unknown> {
  const headers = { "content-type": `application/x-amz-json-${service === "sqs" ? "1.0" : "1.1"}`, "x-amz-target": target };
  let used: AwsCredentials | undefined;
  let isReplaced = false;
  const answer = await send(
    async () => {
      used = await credentials.get();
      return signAws({ method: "POST", url: `${url}/`, headers, body: JSON.stringify(input) }, used, service, region);
    },
    {
      ...sending,
      again(refusal) {
        const code = codeOf(parseJson(refusal.body));
        if (!EXPIRED.has(code) || used === undefined || isReplaced) return THROTTLED.has(code);
        credentials.drop(used);
        isReplaced = true;
        return true;
      },
    },
  );
  const { status, body, cause } = answer;
  const read = parseJson(body);
  if (status === 200) return read;
  const code = status === 0 ? "no answer" : codeOf(read) || `Http${status}`;
  const passing = EXPIRED.has(code) || THROTTLED.has(code) ? { retryable: true } : {};
  throw new CloudError(doing, { code, status, hint: refusedRight(body), cause, ...passing });
}

/** `com.amazonaws.sqs#QueueDoesNotExist` means the part behind the sign. Empty where there is none. */
function codeOf(body: unknown): string {
  const read = errorSchema.safeParse(body);
  const type = read.success ? read.data[TYPE] : "";
  const word = type.slice(type.lastIndexOf("#") + 1);
  return /^[A-Za-z][A-Za-z0-9.]{0,80}$/.test(word) ? word : "";
}
