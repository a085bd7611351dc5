import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { KINDS } from "../../shared/resources/kinds.ts";
import { isObject, textOf, type JsonObject } from "../support/json.ts";
import type { Counter } from "./fleet-counts.ts";
import type { Fleet, Page } from "./fleet-cluster.ts";
import { parseApiPath } from "./fleet-path.ts";

/** The API servers of many simulated clusters behind one port: that of cluster `c` under `/c`. */
export interface FleetApi {
  readonly origin: string;
  /** Milliseconds of this process that the API servers themselves have taken, sockets aside. */
  spent(): number;
  stop(): Promise<void>;
}

const GROUPS = new Map<string, typeof KINDS>();
for (const info of KINDS) {
  for (const version of info.versions) {
    const id = info.group === "" ? version : `${info.group}/${version}`;
    GROUPS.set(id, [...(GROUPS.get(id) ?? []), info]);
  }
}
const BUILT_IN = new Set(["v1", "apps/v1"]);
/** What today's CRDs serve no more. */
const UNSERVED = new Set(["gateway.networking.k8s.io/v1alpha2"]);
const GROUP_LIST = {
  kind: "APIGroupList",
  apiVersion: "v1",
  groups: [...new Set(KINDS.map(({ group }) => group))].filter(Boolean).map((name) => ({
    name,
    versions: [...GROUPS.keys()].filter((id) => id.startsWith(`${name}/`) && !UNSERVED.has(id)).map((groupVersion) => ({ groupVersion, version: groupVersion.slice(name.length + 1) })),
  })),
};

/** @param delay milliseconds that each answer takes on its way */
export async function startFleetApi(fleet: ReadonlyMap<string, Fleet>, counter: Counter, delay: number): Promise<FleetApi> {
  let spent = 0;
  const server: Server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    const began = performance.now();
    const { status, text } = answerTo(fleet, request, body);
    spent += performance.now() - began;
    counter.add(`api ${nameOf(request)}`);
    counter.add("api bytes", text.length);
    const send = (): void => void response.writeHead(status, { "content-type": "application/json" }).end(text);
    if (delay > 0) setTimeout(send, delay);
    else send();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spent: () => spent,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Verb and resource, as reports tell them (shared/kube/accounting.ts). */
function nameOf({ method = "GET", url = "", headers }: IncomingMessage): string {
  const at = parseApiPath(new URL(url, "http://x").pathname.replace(/^\/[^/]+/, ""));
  if (at?.plural === undefined) return "get discovery";
  const isApply = (headers["content-type"] ?? "").startsWith("application/apply-patch");
  const verbs: Readonly<Record<string, string>> = { GET: at.name === undefined ? "list" : "get", POST: "create", PUT: "update", PATCH: isApply ? "apply" : "patch", DELETE: "delete" };
  return `${verbs[method]} ${at.plural}${at.subresource === undefined ? "" : `/${at.subresource}`}`;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function answerTo(fleet: ReadonlyMap<string, Fleet>, { method = "GET", url = "", headers }: IncomingMessage, body: Buffer): Answer {
  const { pathname, searchParams } = new URL(url, "http://x");
  const [, name = "", rest = ""] = /^\/([^/]+)(\/.*)$/.exec(pathname) ?? [];
  const cluster = fleet.get(name);
  if (!cluster) return refusal(404, "NotFound");
  if (method === "GET" && rest === "/apis") return ok(GROUP_LIST);
  const at = parseApiPath(rest);
  if (!at) return refusal(404, "NotFound");
  if (at.plural === undefined) return resourceList(at.apiVersion);
  const info = GROUPS.get(at.apiVersion)?.find(({ plural }) => plural === at.plural);
  if (!info) return refusal(404, "NotFound");
  const ref = { apiVersion: at.apiVersion, kind: info.kind, namespace: at.namespace ?? "", name: at.name ?? "" };
  if (method === "GET" && at.name === undefined) return { status: 200, text: cluster.list(ref, pageOf(searchParams)) };
  if (method === "GET") return found(cluster.get(ref));
  const sent: unknown = JSON.parse(body.toString() || "{}");
  if (method === "DELETE") return cluster.remove(ref) ? ok({ kind: "Status", apiVersion: "v1", status: "Success" }) : refusal(404, "NotFound");
  const type = headers["content-type"] ?? "";
  if (method === "PATCH" && type.startsWith("application/json-patch") && Array.isArray(sent)) return written(cluster.sign(ref, versionIn(sent)));
  if (!isObject(sent)) return refusal(400, "BadRequest");
  if (method === "POST") return written(cluster.create({ ...sent, apiVersion: at.apiVersion, kind: info.kind }));
  if (at.subresource === "status") return written(cluster.putStatus(ref, sent));
  return written(cluster.apply(sent));
}

function pageOf(query: URLSearchParams): Page {
  return { selector: query.get("labelSelector") ?? "", limit: Number(query.get("limit") ?? Infinity), from: Number(query.get("continue") ?? 0) };
}

function versionIn(patch: readonly unknown[]): string {
  const found = patch.find((one) => isObject(one) && textOf(one, "path") === "/metadata/resourceVersion");
  return isObject(found) ? textOf(found, "value") : "";
}

function resourceList(apiVersion: string): Answer {
  const resources = GROUPS.get(apiVersion);
  if (!resources && !BUILT_IN.has(apiVersion)) return refusal(404, "NotFound");
  return ok({ kind: "APIResourceList", groupVersion: apiVersion, resources: (resources ?? []).map(({ plural, kind, namespaced }) => ({ name: plural, kind, namespaced })) });
}

const ok = (value: unknown): Answer => ({ status: 200, text: JSON.stringify(value) });
const found = (object: JsonObject | undefined): Answer => (object ? ok(object) : refusal(404, "NotFound"));
const written = (result: JsonObject | "NotFound" | "Conflict" | "AlreadyExists" | "Invalid"): Answer =>
  typeof result === "object" ? ok(result) : refusal({ NotFound: 404, Conflict: 409, AlreadyExists: 409, Invalid: 422 }[result], result);

function refusal(code: number, reason: string): Answer {
  return { status: code, text: JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message: reason }) };
}
