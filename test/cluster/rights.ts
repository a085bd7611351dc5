import type { PolicyRule } from "../../infra/rbac/rules.ts";

/** One verb on one resource. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
}

export function rightsOf(rules: readonly PolicyRule[]): Right[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) => apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource })))));
}

export function textOf({ verb, group, resource }: Right): string {
  return `${verb} ${group === "" ? "" : `${group}/`}${resource}`;
}

/** Whether a line says which right it is: verb, resource and API group, in our words or in the server's. */
export function names(line: string, { verb, group, resource }: Right): boolean {
  const text = line.replaceAll("\\\"", '"');
  const ours = `the verb ${verb} on ${resource} of API group "${group}"`;
  return text.includes(ours) || text.includes(`cannot ${verb} resource "${resource}" in API group "${group}"`);
}

export function allBut(rules: readonly PolicyRule[], { verb, group, resource }: Right): PolicyRule[] {
  return rules.flatMap((rule) => {
    if (!rule.apiGroups.includes(group) || !rule.resources.includes(resource)) return [rule];
    const others = rule.resources.filter((one) => one !== resource);
    const left = rule.verbs.filter((one) => one !== verb);
    return [...(others.length > 0 ? [{ ...rule, resources: others }] : []), ...(left.length > 0 ? [{ ...rule, resources: [resource], verbs: left }] : [])];
  });
}
