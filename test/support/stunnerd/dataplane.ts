import { createServer, type Server } from "node:http";
import { childOf, isObject, type JsonObject } from "../json.ts";
import { readAsStunnerd } from "../stunnerd-reading.ts";

/** What became of a text. `ignored`: it is the zero config, which watches do not apply (spec/cds.md 4.4). */
type Outcome = "applied" | "ignored" | "refused";

export interface Dataplane {
  /** @param isFresh from a file that was newly opened: there a zero config is applied */
  take(text: string, isFresh?: boolean): Outcome;
}

const HEALTH = "http://:8086";

/** Configuration, readiness and health server of one process (spec/stunnerd.md 8, 9, 11). */
export function createDataplane(): Dataplane {
  let config: JsonObject = { version: "v1" };
  let isReady = false;
  let server: Server | undefined;
  let endpoint = "";

  function serveHealth(wanted: string): void {
    if (wanted === endpoint) return;
    endpoint = wanted;
    server?.close();
    if (wanted === "") return;
    const { host, port } = /^http:\/\/(?<host>[^:/]*):(?<port>\d+)/.exec(wanted)?.groups ?? {};
    server = createServer((req, res) => {
      const path = (req.url ?? "").split("?")[0];
      const [status, body] = answer(path ?? "");
      res.writeHead(status, { "Content-Type": "application/json; charset=utf-8", Connection: "close" }).end(`${JSON.stringify(body)}\n`);
    });
    // If the port is taken it is said, and stunnerd goes on.
    server.on("error", (error) => log("ERROR", `health server: ${error.message}`));
    server.listen(Number(port), host === "" ? undefined : host);
  }

  function answer(path: string): [number, object] {
    if (path === "/live") return [200, {}];
    if (path === "/ready") return isReady ? [200, { status: 200, message: "READY" }] : [503, { status: 503, message: "stunnerd not ready" }];
    if (path === "/status") return [200, { ...config, allocationCount: 0, status: isReady ? "READY" : "NOT-READY" }];
    return [404, {}];
  }

  log("INFO", "Bootstrapping stunnerd with minimal config");
  serveHealth(HEALTH);
  return {
    take(text, isFresh = false) {
      let read: JsonObject;
      try {
        read = readAsStunnerd(text, process.env as Record<string, string>);
      } catch {
        log("WARN", "could not parse config");
        return "refused";
      }
      const flaw = flawOf(read);
      if (flaw !== undefined) {
        log("WARN", `invalid config: ${flaw}`);
        return "refused";
      }
      if (isZero(read)) {
        if (!isFresh) {
          log("INFO", "Ignoring delete configuration update");
          return "ignored";
        }
      } else {
        isReady = true;
      }
      config = read;
      const wanted = childOf(read, "admin")["healthcheck_endpoint"];
      serveHealth(typeof wanted === "string" ? wanted : HEALTH);
      log("INFO", "Reconciliation ready");
      return "applied";
    },
  };
}

/** One of what makes stunnerd reject a configuration as a whole (spec/stunnerd.md 3). */
function flawOf(config: JsonObject): string | undefined {
  if (config["version"] !== "v1") return `unsupported API version: "${String(config["version"] ?? "")}"`;
  const { type = "static", credentials } = childOf(config, "auth");
  const given = isObject(credentials) ? credentials : {};
  if (type === "static" && !("username" in given && "password" in given)) return "static: empty username or password";
  if (type === "ephemeral" && !("secret" in given)) return "no secret found in ephemeral auth config";
  return undefined;
}

/** spec/cds.md 4.3. */
function isZero(config: JsonObject): boolean {
  const { loglevel = "all:INFO", healthcheck_endpoint: health = HEALTH, metrics_endpoint: metrics } = childOf(config, "admin");
  const { type = "static", realm = "stunner.l7mp.io", credentials } = childOf(config, "auth");
  const { username, password } = isObject(credentials) ? credentials : {};
  const isEmpty = [config["listeners"], config["clusters"]].every((list) => !Array.isArray(list) || list.length === 0);
  const isDummy = username === "dummy-username" && password === "dummy-password";
  return isEmpty && isDummy && type === "static" && realm === "stunner.l7mp.io" && loglevel === "all:INFO" && health === HEALTH && metrics === undefined;
}

export function log(level: string, message: string): void {
  process.stdout.write(`${level} ${message}\n`);
}
