import type { KubeClient, KubeRequest } from "./client.ts";
import { KubeError } from "./errors.ts";

/** Requests of one verb and kind, as reports tell them. */
export interface CallCount {
  /** `get`, `list`, `watch`, `create`, `apply`, `patch`, `update`, `delete`. */
  readonly verb: string;
  /** Plural resource name, with `/status` for the subresource; the path where discovery is asked. */
  readonly resource: string;
  readonly calls: number;
  readonly failures: number;
  /** Of answers; those of watches are not counted. */
  readonly bytes: number;
  /** Of what was sent with the requests. */
  readonly sent: number;
}

export interface Accounting {
  readonly client: KubeClient;
  /** What was counted since the beginning or the last `reset`, ascending by resource and verb. */
  counts(): CallCount[];
  reset(): void;
}

type Entry = { -readonly [K in keyof CallCount]: CallCount[K] };

/** Counts every request that goes to the server; put inside of retries, repeated ones each time. */
export function withAccounting(client: KubeClient): Accounting {
  const entries = new Map<string, Entry>();
  const entryOf = (verb: string, resource: string): Entry => {
    const key = `${resource} ${verb}`;
    const entry = entries.get(key) ?? { verb, resource, calls: 0, failures: 0, bytes: 0, sent: 0 };
    entries.set(key, entry);
    return entry;
  };
  return {
    client: {
      ...client,
      async request({ permit, ...request }) {
        // Without it nothing is sent.
        await permit?.();
        const { resource, hasName } = resourceOf(request.path);
        const entry = entryOf(verbOf(request, hasName), resource);
        entry.calls++;
        if (request.body !== undefined) entry.sent += Buffer.byteLength(JSON.stringify(request.body));
        try {
          const answer = await client.request(request);
          entry.bytes += answer.bytes;
          return answer;
        } catch (error) {
          if (isFailure(error)) entry.failures++;
          throw error;
        }
      },
      async *watch(request) {
        const entry = entryOf("watch", resourceOf(request.path).resource);
        entry.calls++;
        try {
          yield* client.watch(request);
        } catch (error) {
          if (isFailure(error)) entry.failures++;
          throw error;
        }
      },
    },
    counts: () => [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => ({ ...entry })),
    reset: () => entries.clear(),
  };
}

/** That there is no such object is an answer as well. */
function isFailure(error: unknown): boolean {
  return error instanceof KubeError && error.status !== 404;
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

const SUBRESOURCES: ReadonlySet<string> = new Set(["status", "finalize"]);

/** The plural in `/api/v1/…` or `/apis/group/version/…`, namespaced or not. */
function resourceOf(path: string): { resource: string; hasName: boolean } {
  const parts = path.split("/").filter(Boolean);
  const rest = parts.slice(parts[0] === "api" ? 2 : 3);
  if (rest.length === 0) return { resource: path, hasName: true };
  // A namespace is a resource itself: only what follows its name, and is no subresource of it, lies inside.
  const isInside = rest[0] === "namespaces" && rest[2] !== undefined && !SUBRESOURCES.has(rest[2]);
  const [plural = "", name, subresource] = isInside ? rest.slice(2) : rest;
  return { resource: subresource ? `${plural}/${subresource}` : plural, hasName: name !== undefined };
}
