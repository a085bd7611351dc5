import { createSecretKey } from "node:crypto";
import { type Access, createAccess } from "../../shared/access/access.ts";
import { formatKeyRing, type KeyRing } from "../../shared/access/key-ring.ts";
import { deriveToken } from "../../shared/access/token.ts";
import type { PassMessage } from "../../shared/queue/pass-queue.ts";
import { type Context, openContext } from "../../shared/serverless/context.ts";
import type { FunctionRequest } from "../../shared/serverless/http.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";

const keyOf = (fill: number) => createSecretKey(Buffer.alloc(32, fill));
export const KEYS: KeyRing = { current: keyOf(1) };
export const ROTATED: KeyRing = { current: keyOf(2), previous: keyOf(1) };

export const CLUSTERS = [
  { name: "c", connect: { type: "token", server: "https://192.0.2.1", token: "secret-of-c" } },
  { name: "d", connect: { type: "eks", server: "https://192.0.2.2", cluster: "prod", region: "eu-central-1" }, eventToken: "own-event-token" },
] as const;

export interface TestCloud {
  readonly context: Context;
  readonly access: Access;
  /** What was sent to the queue. */
  readonly sent: PassMessage[];
  /** Text of each secret, which a test may change. */
  readonly secrets: Map<string, string>;
  /** Milliseconds; moved by the test. */
  time: number;
  /** What the queue fails with; undefined: it works. */
  queueFails: Error | undefined;
}

/** What a function has around it: the real settings, list of clusters and store, a queue and secrets in memory. */
export function testCloud(env: Record<string, string> = {}, store: ObjectStore = createMemoryStore()): TestCloud {
  const sent: PassMessage[] = [];
  const secrets = new Map([["keys", formatKeyRing(KEYS)]]);
  const cloud: Omit<TestCloud, "context"> = { access: createAccess(() => KEYS), sent, secrets, time: Date.parse("2026-01-01T00:00:00Z"), queueFails: undefined };
  const context = openContext({
    env: {
      STUNNER_STORE: "s3://bucket", STUNNER_CLUSTERS: JSON.stringify(CLUSTERS), STUNNER_TOKEN_KEYS_SECRET: "keys", STUNNER_DELIVERY: "pull",
      STUNNER_CDS_URL: "https://cds.example.com", STUNNER_LOG_LEVEL: "panic", ...env,
    },
    openStore: () => store,
    readSecret: async (id) => secrets.get(id) ?? "",
    openQueue: () => ({
      async send(message) {
        if (cloud.queueFails) throw cloud.queueFails;
        sent.push(message);
      },
    }),
  }, () => cloud.time);
  return Object.assign(cloud, { context });
}

export function configToken(id: string, uid: string, ring: KeyRing = KEYS, cluster = "c"): string {
  const [namespace = "", name = ""] = id.split("/");
  return deriveToken(ring.current, { purpose: "config", cluster, namespace, name, uid });
}

export const operatorToken = (cluster: string): string => deriveToken(KEYS.current, { purpose: "operator", cluster });

export function get(url: string, token = "", headers: Record<string, string> = {}): FunctionRequest {
  return { method: "GET", url, headers: { ...(token === "" ? {} : { authorization: `Bearer ${token}` }), ...headers }, body: new Uint8Array(), address: "192.0.2.9" };
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): FunctionRequest {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
  return { method: "POST", url, headers: { "content-type": "application/json", ...headers }, body: bytes, address: "192.0.2.9" };
}
