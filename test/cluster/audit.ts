import { randomUUID } from "node:crypto";
import { open } from "node:fs/promises";
import type { ClusterClient } from "./client.ts";

/** One request as the API server's audit log has it (audit.k8s.io/v1, level Metadata). */
export interface AuditEntry {
  /** `ResponseComplete`, or `ResponseStarted` for a watch that goes on. */
  readonly stage: string;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string; readonly groups?: readonly string[] };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
    readonly apiVersion?: string;
    readonly subresource?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
}

/** The API server's audit log. */
export interface AuditLog {
  /** Where the log ends now, every request answered so far included. */
  mark(): Promise<number>;
  /** Every entry after `mark`, or from the beginning; every request answered so far is in it. */
  entries(mark?: number): Promise<AuditEntry[]>;
}

const WRITES: ReadonlySet<string> = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** Whether an entry is a write that the server carried out; dry runs and refusals are none. */
export function isWrite({ stage, verb, requestURI, responseStatus }: AuditEntry): boolean {
  const done = stage === "ResponseComplete" && (responseStatus?.code ?? 0) < 300;
  return done && WRITES.has(verb) && !requestURI.includes("dryRun=All");
}

/** An entry in one line: `patch apps/deployments default/x/scale 200 by admin`. */
export function auditLine({ verb, objectRef, requestURI, responseStatus, user }: AuditEntry): string {
  const object = objectRef && [objectRef.namespace, objectRef.name, objectRef.subresource].filter(Boolean).join("/");
  const kind = objectRef && [objectRef.apiGroup, objectRef.resource].filter(Boolean).join("/");
  return [verb, kind ?? requestURI, object, responseStatus?.code, `by ${user.username}`].filter(Boolean).join(" ");
}

const MARKER = "test-cluster-mark";

/** Reads the log file that an API server writes. `client` asks it for something whose entry tells that the log is complete. */
export function createAuditLog(file: string, client: ClusterClient): AuditLog {
  /** The server writes an entry after its answer, so the log is complete when an entry of later than all of them is in it. */
  const complete = async (from: number): Promise<{ text: string; end: number }> => {
    const marker = `${MARKER}=${randomUUID()}`;
    await client.request("GET", `/api/v1/namespaces/default?${marker}`);
    for (;;) {
      const { text, end } = await readFrom(file, from);
      if (text.includes(marker)) return { text, end };
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  let read = 0;
  return {
    mark: async () => (read = (await complete(read)).end),
    async entries(mark = 0) {
      const lines = (await complete(mark)).text.split("\n").filter(Boolean);
      const entries = lines.map((line) => JSON.parse(line) as AuditEntry);
      return entries.filter(({ requestURI }) => !requestURI.includes(MARKER));
    },
  };
}

/** Whole lines from a byte offset on, and the offset after them. */
async function readFrom(file: string, from: number): Promise<{ text: string; end: number }> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(0, size - from));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    const whole = buffer.subarray(0, buffer.lastIndexOf("\n", bytesRead) + 1);
    return { text: whole.toString("utf8"), end: from + whole.length };
  } finally {
    await handle.close();
  }
}
