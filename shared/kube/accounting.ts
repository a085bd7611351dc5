import type { KubeClient, KubeRequest } from "./client.ts";
import { KubeError } from "./errors.ts";

/** Requests of one verb and kind, as reports tell them. */
export interface CallCount {
  /** `get`, `list`, `create`, `apply`, `update`, `delete`. */
  readonly verb: string;
  /** Plural resource name, with `/status` for the subresource. */
  readonly resource: string;
  readonly calls: number;
  readonly failures: number;
  /** Of answers. */
  readonly bytes: number;
}

export interface Accounting {
  readonly client: KubeClient;
  /** What was counted so far, ascending by resource and verb. */
  counts(): CallCount[];
}

/** Counts every request that goes to the server, repeated ones each time. */
export function withAccounting(client: KubeClient): Accounting {
  const counts = new Map<string, { verb: string; resource: string; calls: number; failures: number; bytes: number }>();
  const entryOf = (request: KubeRequest) => {
    const { resource, hasName } = resourceOf(request.path);
    const verb = verbOf(request, hasName);
    const key = `${resource} ${verb}`;
    const entry = counts.get(key) ?? { verb, resource, calls: 0, failures: 0, bytes: 0 };
    counts.set(key, entry);
    return entry;
  };
  return {
    client: {
      ...client,
      async request(request) {
        const entry = entryOf(request);
        entry.calls++;
        try {
          const answer = await client.request(request);
          entry.bytes += answer.bytes;
          return answer;
        } catch (error) {
          if (error instanceof KubeError) entry.failures++;
          throw error;
        }
      },
    },
    counts: () => [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => ({ ...entry })),
  };
}

function verbOf({ method, contentType }: KubeRequest, hasName: boolean): string {
  switch (method) {
    case "GET":
      return hasName ? "get" : "list";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return contentType === "application/apply-patch+yaml" ? "apply" : "patch";
    case "DELETE":
      return "delete";
  }
}

/** The plural in `/api/v1/…` or `/apis/group/version/…`, namespaced or not. */
function resourceOf(path: string): { resource: string; hasName: boolean } {
  const parts = path.split("/").filter(Boolean);
  const rest = parts.slice(parts[0] === "api" ? 2 : 3);
  const inside = rest[0] === "namespaces" && rest.length > 2 ? rest.slice(2) : rest;
  const [plural = path, name, subresource] = inside;
  return { resource: subresource ? `${plural}/${subresource}` : plural, hasName: name !== undefined };
}
