/**
 * What IAM says that a role may not do (IAM User Guide, "Troubleshoot access denied error messages"), as the end of a
 * sentence; its own words hold account numbers. Empty where a service does not say.
 * @param body of a refusal, JSON or XML
 */
export function refusedRight(body: Uint8Array): string {
  const [, role, action] = REFUSAL.exec(Buffer.from(body).toString()) ?? [];
  return role === undefined || action === undefined ? "" : `, the role ${role} has no right to ${action}`;
}

/** `User: arn:aws:sts::123456789012:assumed-role/ROLE/SESSION is not authorized to perform: sqs:SendMessage on resource: …` */
const REFUSAL = /:assumed-role\/([\w+=,.@-]{1,64})\/[\w+=,.@-]+ is not authorized to perform: (?:"|\\"|&quot;)?([a-z0-9-]{1,40}:[A-Za-z]{1,80})/;
