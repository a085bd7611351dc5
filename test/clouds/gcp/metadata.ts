import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A metadata server on loopback (Compute Engine, "About VM metadata", "Authenticate with access tokens"). */
export interface Metadata {
  /** For GCE_METADATA_HOST. */
  readonly host: string;
  /** Tokens given out so far. */
  readonly given: string[];
  /** The next token, and for how many seconds it is good. */
  set(token: string, seconds: number): void;
  /** Answers 503 from now on. */
  fail(fails: boolean): void;
  close(): Promise<void>;
}

const PATH = "/computeMetadata/v1/instance/service-accounts/default/token";
/** The same token is given until five minutes before its end. */
const RENEWED_MS = 300_000;

export async function startMetadata(next: () => string, seconds = 3_600): Promise<Metadata> {
  const given: string[] = [];
  let make = next;
  let held: { token: string; until: number } | undefined;
  let life = seconds;
  let fails = false;
  const server = createServer((req, res) => {
    res.setHeader("Metadata-Flavor", "Google");
    if (req.headers["metadata-flavor"] !== "Google" || req.headers["x-forwarded-for"] !== undefined) return void res.writeHead(403).end();
    if (fails) return void res.writeHead(503).end();
    if (req.url !== PATH) return void res.writeHead(404).end();
    if (held === undefined || held.until - Date.now() < RENEWED_MS) {
      held = { token: make(), until: Date.now() + life * 1000 };
      given.push(held.token);
    }
    const left = Math.max(0, Math.floor((held.until - Date.now()) / 1000));
    res.setHeader("Content-Type", "application/json").end(JSON.stringify({ access_token: held.token, expires_in: left, token_type: "Bearer" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    given,
    set(token, forSeconds) {
      make = () => token;
      life = forSeconds;
      held = undefined;
    },
    fail: (now) => void (fails = now),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
