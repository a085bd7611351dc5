import type { DesiredStatus, Problem, RenderResult } from "../../shared/render/result.ts";
import type { ClusterState } from "../../shared/resources/cluster.ts";
import type { Condition } from "../../shared/resources/meta.ts";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import { isObject } from "../../shared/apply/json.ts";
import { grid } from "./grid.ts";
import { renderedConfigs } from "./rendered-configs.ts";

/** More of a list than this many are counted only. */
const SHOWN = 4;

/** What was rendered, for people: classes, Gateways, listeners, routes, problems. Holds no credentials. */
export function overview(state: ClusterState, result: RenderResult, problems: readonly Problem[]): string {
  const configs = renderedConfigs(result);
  const tables: [none: string, head: string[], rows: string[][]][] = [
    ["No GatewayClass of ours.", ["CLASS", "ACCEPTED", "CONTROLLER", "PARAMETERS"], classRows(state, result)],
    ["No Gateway of ours.", ["GATEWAY", "CLASS", "ACCEPTED", "PROGRAMMED", "ADDRESSES"], gatewayRows(state, result)],
    ["No listener of ours.", ["LISTENER", "PROTOCOL", "PORT", "ACCEPTED", "PUBLIC", "ATTACHED", "ROUTES"], listenerRows(state, result, configs)],
    ["No UDPRoute of ours.", ["ROUTE", "PARENTS", "ACCEPTED", "RESOLVED", "ENDPOINTS"], routeRows(result, configs)],
    ["No problems.", ["SEVERITY", "OBJECT", "FIELD", "REASON", "MESSAGE"], problems.map(problemRow)],
  ];
  return tables.map(([none, head, rows]) => (rows.length > 0 ? grid(head, rows) : none)).join("\n\n");
}

function problemRow({ severity, object, field, reason, message }: Problem): string[] {
  return [severity, object, field, reason, message];
}

function classRows(state: ClusterState, { statuses }: RenderResult): string[][] {
  return ofKind(statuses, "GatewayClass").map(({ name, status }) => {
    const spec = state.gatewayClasses.get(name)?.spec;
    const { namespace, name: parameters } = spec?.parametersRef ?? {};
    return [name, verdict(status.conditions, "Accepted"), spec?.controllerName ?? "", [namespace, parameters].filter(Boolean).join("/")];
  });
}

function gatewayRows(state: ClusterState, { statuses }: RenderResult): string[][] {
  return ofKind(statuses, "Gateway").map((one) => {
    const { conditions } = one.status;
    const addresses = objects(one.status["addresses"]).map(({ value }) => String(value));
    const className = state.gateways.get(keyOf(one))?.spec.gatewayClassName ?? "";
    return [keyOf(one), className, verdict(conditions, "Accepted"), verdict(conditions, "Programmed"), addresses.join(", ")];
  });
}

function listenerRows(state: ClusterState, { statuses }: RenderResult, configs: readonly StunnerdConfig[]): string[][] {
  const rendered = new Map(configs.flatMap((config) => (config.listeners ?? []).map((listener) => [listener.name, listener])));
  return ofKind(statuses, "Gateway").flatMap((one) => {
    const told = new Map(objects(one.status["listeners"]).map((listener) => [listener["name"], listener]));
    return (state.gateways.get(keyOf(one))?.spec.listeners ?? []).map(({ name, protocol, port }) => {
      const listener = rendered.get(`${keyOf(one)}/${name}`);
      const status = told.get(name);
      const address = listener?.public_address;
      const open = address && (address.includes(":") ? `[${address}]:${listener.public_port}` : `${address}:${listener.public_port}`);
      const accepted = verdict(status?.["conditions"], "Accepted");
      const routes = listener?.routes ?? [];
      return [`${keyOf(one)}/${name}`, listener?.protocol ?? protocol, String(port), accepted, open ?? "", String(status?.["attachedRoutes"] ?? 0), some(routes)];
    });
  });
}

function routeRows({ statuses }: RenderResult, configs: readonly StunnerdConfig[]): string[][] {
  const clusters = new Map(configs.flatMap((config) => (config.clusters ?? []).map((cluster) => [cluster.name, cluster])));
  return ofKind(statuses, "UDPRoute").flatMap((one) =>
    objects(one.status["parents"]).map((parent) => {
      const ref = isObject(parent["parentRef"]) ? parent["parentRef"] : {};
      const target = [ref["namespace"] ?? one.namespace, ref["name"], ref["sectionName"]].filter(Boolean).join("/");
      const { conditions } = parent;
      const endpoints = clusters.get(keyOf(one))?.endpoints ?? [];
      return [keyOf(one), target, verdict(conditions, "Accepted"), verdict(conditions, "ResolvedRefs"), some(endpoints)];
    }),
  );
}

/** `True`, or the reason why not. */
function verdict(conditions: unknown, type: string): string {
  const found = objects(conditions).find((condition) => condition["type"] === type) as Condition | undefined;
  if (!found) return "";
  return found.status === "True" ? "True" : `${found.status} (${found.reason})`;
}

function some(list: readonly string[]): string {
  const more = list.length - SHOWN;
  return more > 0 ? `${list.slice(0, SHOWN).join(", ")} and ${more} more` : list.join(", ");
}

function ofKind(statuses: readonly DesiredStatus[], kind: DesiredStatus["kind"]): DesiredStatus[] {
  return statuses.filter((status) => status.kind === kind);
}

function keyOf({ namespace, name }: DesiredStatus): string {
  return namespace ? `${namespace}/${name}` : name;
}

function objects(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
