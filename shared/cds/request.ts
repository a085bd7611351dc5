import { decodePath } from "../http/decode-path.ts";
import { badEscape, badWatch, methodNotAllowed, moved, pageNotFound } from "./refusals.ts";
import type { Answer } from "./answer.ts";

/** What a client asks for: one configuration, a list of them, or the licence status. */
export type CdsRequest = ConfigRequest | ListRequest | { readonly kind: "license" };

export interface ConfigRequest {
  readonly kind: "config";
  /** `namespace/name`. */
  readonly id: string;
  /** Node of the client, a DNS name; empty where it gave none, or none that can exist: such a client is nowhere in particular. */
  readonly node: string;
  readonly watch: boolean;
}

export interface ListRequest {
  readonly kind: "list";
  /** Absent: the configurations of all namespaces. */
  readonly namespace: string | undefined;
  readonly watch: boolean;
}

export interface Refused {
  readonly kind: "refused";
  readonly answer: Answer;
}

const CONFIGS = "/api/v1/configs";
const LICENSE = "/api/v1/license";
/** Nothing in Kubernetes has a longer name. */
const LONGEST_NAME = 253;
const LONGEST_NAMESPACE = 63;
/** What is repeated to the client: names and slashes. */
const PLAIN_PATH = /^[-a-z0-9./]*$/;
const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const TRUE = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE = new Set(["0", "f", "F", "false", "FALSE", "False"]);

/**
 * Reads the request line of a request (spec/cds.md 2, 2.1). Never throws, whatever the client sends.
 * @param target as it stands in the request line: path and query, or an absolute URL as proxies send it
 * @param prefix path in front of `/api/v1`, without a slash at its end
 */
export function parseRequest(method: string, target: string, prefix = ""): CdsRequest | Refused {
  const { path, query } = split(target);
  const clean = path.replaceAll(/\/{2,}/g, "/");
  // Only to a page of ours, so that nobody is sent to another host.
  if (clean !== path && isCdsTarget(clean, prefix) && PLAIN_PATH.test(clean.slice(prefix.length))) return refused(moved(clean + knownQuery(query)));
  const local = withoutPrefix(path, prefix);
  const names = local === undefined ? undefined : namesOf(local);
  if (names === undefined) return refused(pageNotFound());
  if (names === "malformed") return refused(badEscape());
  if (method !== "GET") return refused(methodNotAllowed());
  if (names === "license") return { kind: "license" };
  const parameters = new URLSearchParams(query);
  const asked = parameters.get("watch");
  if (asked !== null && !TRUE.has(asked) && !FALSE.has(asked)) return refused(badWatch());
  const watch = TRUE.has(asked ?? "");
  const [namespace, name] = names;
  if (namespace === undefined || name === undefined) return { kind: "list", namespace, watch };
  const node = parameters.get("node") ?? "";
  return { kind: "config", id: `${namespace}/${name}`, node: isName(node) ? node : "", watch };
}

/** Whether a request belongs to CDS, so that another handler on the same port leaves it alone. */
export function isCdsTarget(target: string, prefix = ""): boolean {
  const path = withoutPrefix(split(target).path.replaceAll(/\/{2,}/g, "/"), prefix);
  return path !== undefined && [CONFIGS, LICENSE].some((root) => path === root || path.startsWith(`${root}/`));
}

function split(target: string): { path: string; query: string } {
  const local = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "");
  const mark = local.indexOf("?");
  return mark < 0 ? { path: local, query: "" } : { path: local.slice(0, mark), query: local.slice(mark) };
}

/** Of a query what means something here, and can be no secret in the wrong place. */
function knownQuery(query: string): string {
  const given = new URLSearchParams(query);
  const known = [...given].filter(([name, value]) => (name === "watch" && (TRUE.has(value) || FALSE.has(value))) || (name === "node" && isName(value)));
  return known.length === 0 ? "" : `?${known.map((pair) => pair.join("=")).join("&")}`;
}

function withoutPrefix(path: string, prefix: string): string | undefined {
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined;
}

/** The decoded names behind `/configs`, none to two of them; undefined: there is no such page. */
function namesOf(path: string): string[] | "license" | "malformed" | undefined {
  if (path === LICENSE) return "license";
  if (path === CONFIGS) return [];
  if (!path.startsWith(`${CONFIGS}/`)) return undefined;
  if (/%(?![0-9a-f]{2})/i.test(path)) return "malformed";
  const segments = path.slice(CONFIGS.length + 1).split("/");
  const [namespace, name, ...more] = segments.map((segment) => decodePath(segment) ?? "");
  // What no Gateway can be called is looked up nowhere.
  if (namespace === undefined || !isNamespace(namespace) || more.length > 0) return undefined;
  if (name === undefined) return [namespace];
  return isName(name) ? [namespace, name] : undefined;
}

function isNamespace(text: string): boolean {
  return text.length <= LONGEST_NAMESPACE && LABEL.test(text);
}

/** Whether a Gateway or a node can be called so: a DNS subdomain (RFC 1123). */
function isName(text: string): boolean {
  return text.length <= LONGEST_NAME && text.split(".").every((label) => LABEL.test(label));
}

function refused(answer: Answer): Refused {
  return { kind: "refused", answer };
}
