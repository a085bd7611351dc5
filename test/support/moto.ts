import { signAws } from "../../shared/aws/sign.ts";
import { type CloudAnswer, type CloudRequest, send } from "../../shared/cloud/send.ts";
import { type CloudServer, startServer } from "../clouds/server.ts";
import { AWS_TEST_CREDENTIALS } from "./versitygw.ts";

/** AWS in one process: S3, SQS, STS, Secrets Manager and more. */
export function startMoto(): Promise<CloudServer> {
  return startServer({ program: "moto", args: (port) => ["--host", "127.0.0.1", "--port", String(port)], path: "/moto-api/" });
}

/** A request to a service of AWS, signed. */
export function askAws(service: string, request: CloudRequest): Promise<CloudAnswer> {
  return send(() => signAws(request, AWS_TEST_CREDENTIALS, service, "us-east-1"));
}

/** Makes a bucket of S3. */
export async function makeBucket({ origin }: CloudServer, bucket: string): Promise<void> {
  const { status } = await askAws("s3", { method: "PUT", url: `${origin}/${bucket}` });
  if (status !== 200) throw new Error(`bucket ${bucket}: HTTP ${status}`);
}

/** A call of the JSON protocol. @param target such as `AmazonSQS.CreateQueue` */
export async function callAws<T>({ origin }: CloudServer, service: string, target: string, input: object): Promise<T> {
  const version = service === "sqs" ? "1.0" : "1.1";
  const headers = { "content-type": `application/x-amz-json-${version}`, "x-amz-target": target };
  const { status, body } = await askAws(service, { method: "POST", url: `${origin}/`, headers, body: JSON.stringify(input) });
  const text = Buffer.from(body).toString();
  if (status !== 200) throw new Error(`${target}: HTTP ${status} ${text.slice(0, 300)}`);
  return JSON.parse(text || "{}") as T;
}
