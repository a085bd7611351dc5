import type { FunctionName } from "./functions.ts";

/** One action on one resource that the role of a function has. */
export interface Permission {
  readonly name: FunctionName;
  readonly sid: string;
  readonly action: string;
  readonly resource: string;
}

export interface Policy {
  readonly Version: string;
  readonly Statement: readonly { readonly Sid: string; readonly Effect: "Allow"; readonly Action: readonly string[]; readonly Resource: readonly string[] }[];
}

/** What each missing one of is shown to be missed. */
export const SHOWN: ReadonlySet<string> = new Set([
  "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject",
  "secretsmanager:GetSecretValue",
  "sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage",
]);

const IN_A_VPC = "Lambda makes network interfaces with the function's role; nothing here has a VPC";
const BY_LAMBDA = "Lambda's own agent writes logs with the function's role; here standard output is read";

/** What cannot be shown here, and why. */
export const OUTSIDE: Readonly<Record<string, string>> = {
  "ec2:AssignPrivateIpAddresses": IN_A_VPC,
  "ec2:CreateNetworkInterface": IN_A_VPC,
  "ec2:DeleteNetworkInterface": IN_A_VPC,
  "ec2:DescribeNetworkInterfaces": IN_A_VPC,
  "ec2:DescribeSubnets": IN_A_VPC,
  "ec2:UnassignPrivateIpAddresses": IN_A_VPC,
  "kms:Decrypt": "moto encrypts nothing on behalf of S3, SQS and Secrets Manager, and so asks nobody for the key",
  "kms:GenerateDataKey": "as kms:Decrypt",
  "logs:CreateLogStream": BY_LAMBDA,
  "logs:PutLogEvents": BY_LAMBDA,
  "sqs:GetQueueAttributes": "Lambda asks for it when the event source is made and when it scales (Lambda, \"Using Lambda with Amazon SQS\"); the one here does neither",
};

export function permissionsOf(name: FunctionName, { Statement }: Policy): Permission[] {
  return Statement.flatMap(({ Sid: sid, Action, Resource }) => Action.flatMap((action) => Resource.map((resource) => ({ name, sid, action, resource }))));
}

/** The policy with one permission less. */
export function without({ sid, action, resource }: Permission, { Version, Statement }: Policy): Policy {
  return {
    Version,
    Statement: Statement.flatMap((one) => {
      if (one.Sid !== sid) return [one];
      const others = one.Action.filter((other) => other !== action);
      const left = one.Resource.filter((other) => other !== resource);
      return [...(others.length > 0 ? [{ ...one, Action: others }] : []), ...(left.length > 0 ? [{ ...one, Sid: `${sid}Rest`, Action: [action], Resource: left }] : [])];
    }),
  };
}

export function textOf({ name, action, resource }: Permission): string {
  return `${name}: ${action} on ${resource}`;
}

/** Whether IAM's words are about this permission, and no other. */
export function isAbout(refusal: string, { action, resource }: Permission): boolean {
  const [, asked = "", on = ""] = /perform: (\S+) on resource: (\S+)/.exec(refusal) ?? [];
  const [head = "", ...parts] = resource.split("*");
  let at = head.length;
  const fits = on.startsWith(head) && parts.every((part) => {
    const found = on.indexOf(part, at);
    at = found + part.length;
    return found !== -1;
  });
  return asked === action && fits && (resource.endsWith("*") || at === on.length);
}
