/** Fields that hold secrets, or may. */
const SECRET: ReadonlySet<string> = new Set([
  "auth", "credentials", "cert", "key", "password", "secret", "token", "username", "data", "stringdata", "binarydata",
  "kubectl.kubernetes.io/last-applied-configuration",
]);

/** Names of environment variables whose value nobody should see. */
const SECRET_VARIABLE = /env\[[^\]]*(pass|secret|token|key|cred|auth)[^\]]*\]/i;

/** Whether what stands in a field may be shown (rule: secrets are in no log and no answer). */
export function isSecret(field: string): boolean {
  return SECRET_VARIABLE.test(field) || pathOf(field).some((name) => SECRET.has(name.toLowerCase()));
}

/** `a.b[c.d/e].f` is a, b, c.d/e, f. */
function pathOf(field: string): string[] {
  return [...field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, inBrackets, plain]) => inBrackets ?? plain ?? "");
}
