import { callAws } from "../../../shared/aws/call.ts";
import type { AwsCredentials, AwsCredentialSource } from "../../../shared/aws/credentials.ts";
import { signAws } from "../../../shared/aws/sign.ts";
import { send } from "../../../shared/cloud/send.ts";
import { childOf, readXml, type XmlElement } from "../../../shared/store/s3-xml.ts";
import { makeBucket } from "../../support/moto.ts";
import { AWS_TEST_CREDENTIALS } from "../../support/versitygw.ts";
import { type CloudServer, startServer } from "../server.ts";

/** An account on moto in which IAM is enforced; what is done here is done by its root user. */
export interface Account {
  readonly server: CloudServer;
  makeBucket(name: string): Promise<void>;
  /** A call of the JSON protocol. @param target such as `AmazonSQS.CreateQueue` */
  call<T>(service: string, target: string, input: object, url?: string): Promise<T>;
  /** Makes a role without rights. @returns credentials of a session of it, as Lambda gives them to a function */
  makeRole(name: string): Promise<AwsCredentials>;
  /** From now on the role may do what the policy says, and nothing else. */
  allow(role: string, policy: string): Promise<void>;
}

const TRUST = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }] };

export async function openAccount(region: string): Promise<Account> {
  const script = `${import.meta.dirname}/moto_iam.py`;
  const args = (port: number): string[] => [script, AWS_TEST_CREDENTIALS.accessKeyId, "--host", "127.0.0.1", "--port", String(port)];
  const server = await startServer({ program: "python", args, path: "/moto-api/" });

  /** A call of the query protocol, as IAM and STS speak it. */
  async function ask(service: string, parameters: Readonly<Record<string, string>>): Promise<XmlElement> {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams(parameters).toString();
    const answer = await send(() => signAws({ method: "POST", url: `${server.origin}/`, headers, body }, AWS_TEST_CREDENTIALS, service, region));
    const text = Buffer.from(answer.body).toString();
    if (answer.status !== 200) throw new Error(`${parameters["Action"]}: HTTP ${answer.status} ${text.slice(0, 300)}`);
    return readXml(text);
  }

  return {
    server,
    makeBucket: (name) => makeBucket(server, name),
    async call<T>(service: string, target: string, input: object, url = server.origin) {
      return (await callAws({ doing: target, service, url, target, input }, { region, credentials: always(AWS_TEST_CREDENTIALS) })) as T;
    },
    async makeRole(name) {
      await ask("iam", { Action: "CreateRole", Version: "2010-05-08", RoleName: name, AssumeRolePolicyDocument: JSON.stringify(TRUST) });
      const assumed = await ask("sts", { Action: "AssumeRole", Version: "2011-06-15", RoleArn: `arn:aws:iam::123456789012:role/${name}`, RoleSessionName: name });
      const given = childOf(childOf(assumed, "AssumeRoleResult") ?? assumed, "Credentials") ?? assumed;
      const [accessKeyId = "", secretAccessKey = "", sessionToken = ""] = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map((field) => childOf(given, field)?.text);
      return { accessKeyId, secretAccessKey, sessionToken };
    },
    async allow(role, policy) {
      await ask("iam", { Action: "PutRolePolicy", Version: "2010-05-08", RoleName: role, PolicyName: "function", PolicyDocument: policy });
    },
  };
}

/** Credentials that stay. */
export function always(credentials: AwsCredentials): AwsCredentialSource {
  return { get: async () => credentials, drop: () => undefined };
}
