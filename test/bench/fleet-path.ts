/** What a path of a Kubernetes API names. Without `plural` it is a group and version. */
export interface ApiPath {
  readonly apiVersion: string;
  readonly namespace?: string | undefined;
  readonly plural?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** Undefined where it is none, such as `/apis`. */
export function parseApiPath(path: string): ApiPath | undefined {
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  const isCore = parts[0] === "api";
  const apiVersion = isCore ? parts[1] : parts.slice(1, 3).join("/");
  if (!apiVersion || (!isCore && !apiVersion.includes("/"))) return undefined;
  const rest = parts.slice(isCore ? 2 : 3);
  const isInside = rest[0] === "namespaces" && rest.length > 2;
  const [plural, name, subresource] = isInside ? rest.slice(2) : rest;
  return { apiVersion, namespace: isInside ? rest[1] : undefined, plural, name, subresource };
}
