import type { KubeRequest } from "./client.ts";

/** `/api/v1` or `/apis/group/version`, then a namespace where there is one, a plural, a name and a subresource. */
const PATH = /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/[^/]+(?=\/))?\/([^/]+)(\/[^/]+)?(?:\/([^/]+))?$/;
const VERBS = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" } as const;

/**
 * Which right a request needs, in the words of a role: `patch on services of API group ""`.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 */
export function rightOf({ method, path, query }: Pick<KubeRequest, "method" | "path" | "query">): string | undefined {
  const [found, group = "", plural, name, subresource] = PATH.exec(path) ?? [];
  if (found === undefined) return undefined;
  const read = query?.["watch"] === "true" ? "watch" : name === undefined ? "list" : "get";
  const verb = method === "GET" ? read : VERBS[method];
  return `${verb} on ${plural}${subresource === undefined ? "" : `/${subresource}`} of API group "${group}"`;
}
