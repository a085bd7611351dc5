import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { toRequest, toResult } from "../../functions/aws/http.ts";
import { publish } from "../../shared/cds/publish.ts";
import { openContext } from "../../shared/serverless/context.ts";
import { createCdsHandler } from "../../shared/serverless/handle-cds.ts";
import { createCredentialsHandler } from "../../shared/serverless/handle-credentials.ts";
import { createEventHandler } from "../../shared/serverless/handle-event.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { eventOf } from "../clouds/aws/api-gateway.ts";
import { config } from "../unit/credentials-support.ts";
import type { FuzzTarget } from "./fuzz-wire.ts";
import { PLANTED } from "./hardening-server.ts";
import { publication } from "./publish-support.ts";

/** As in a list of clusters. */
export const CLUSTER = { name: "one", connect: { type: "token", server: "https://192.0.2.1", token: PLANTED.password }, eventToken: PLANTED.eventToken, apiKeys: [PLANTED.apiKey] };
/** More than HTTP APIs hand over (API Gateway quotas). */
const MOST_BYTES = 10 * 1024 * 1024;

export interface FunctionsHost extends FuzzTarget {
  close(): Promise<void>;
}

/** The functions of AWS that answer requests, called as an HTTP API calls them, over a store in memory. */
export async function startFunctions(): Promise<FunctionsHost> {
  const store = createMemoryStore();
  await publishPlanted(store);
  const env = { STUNNER_STORE: "s3://bucket", STUNNER_CLUSTERS: JSON.stringify([CLUSTER]), STUNNER_TOKEN_KEYS: PLANTED.key, STUNNER_DELIVERY: "pull", STUNNER_CDS_URL: "https://cds.example.com", STUNNER_CREDENTIALS_RATE: "0" };
  const log: string[] = [];
  const bugs: unknown[] = [];
  const context = { ...openContext({ env, openStore: () => store, readSecret: async () => "", openQueue: () => ({ send: async () => undefined }) }), log: capture(log) };
  const [event, cds, credentials] = [createEventHandler(context), createCdsHandler(context), createCredentialsHandler(context)];
  const server = createServer(async (req, res) => {
    const [path = "", query = ""] = (req.url ?? "").split("?");
    try {
      const body = await buffer(req);
      if (body.length > MOST_BYTES) return void res.writeHead(413).end();
      const headers = Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
      const request = toRequest(eventOf({ path, query, headers, method: req.method ?? "", body }));
      const handler = path.startsWith("/v1/") ? event.answer : /^\/(?:c\/[^/]*\/?)?(?:ice)?$/.test(path) ? credentials : cds;
      const { statusCode = 200, headers: answered = {}, body: text } = toResult(await handler(request));
      res.writeHead(statusCode, { ...(answered as Record<string, string>), connection: "close" }).end(statusCode === 304 || req.method === "HEAD" ? undefined : text);
    } catch (error) {
      if (req.errored) return;
      bugs.push(error);
      res.writeHead(500).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    log: () => log.join("\n"),
    bugs,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One Gateway's config, with the planted password. */
export async function publishPlanted(store: ObjectStore): Promise<void> {
  const auth = { type: "static", realm: "stunner.l7mp.io", credentials: { username: "user", password: PLANTED.password } } as const;
  await publish(store, publication({}, { cluster: CLUSTER.name, configs: new Map([["ns/a", { config: config("ns/a", { auth }), uid: "uid-a" }]]) }));
}

function capture(lines: string[]) {
  const tell = (message: string, fields: object = {}): void => void lines.push(JSON.stringify({ message, ...fields }));
  return { debug: tell, info: tell, warn: tell, error: tell };
}
