import type { RenderOptions, RenderResult } from "../../shared/render/result.ts";
import { render } from "../../shared/render/render.ts";
import type { AnyKubeObject } from "../../shared/resources/kinds.ts";
import { parseSettings } from "../../shared/settings.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { childOf, listOf, textOf, toJsonObject, type JsonObject } from "../support/json.ts";

/** Renders objects with the settings that somebody has who sets nothing. */
export function renderWithDefaults(objects: Iterable<AnyKubeObject>, overrides: Partial<RenderOptions> = {}): RenderResult {
  const settings = parseSettings({}, {});
  return render(clusterState(objects), {
    controllerName: settings.controllerName,
    mode: settings.mode,
    endpointDiscovery: settings.endpointDiscovery,
    endpointSlices: settings.endpointSlices,
    onInvalid: settings.onInvalid,
    referenceGrants: settings.referenceGrants,
    certificates: settings.certificates,
    labelFilter: settings.labelFilter,
    configOrigin: settings.configOrigin(),
    published: new Map(),
    released: new Set(),
    now: Date.now(),
    ...overrides,
  });
}

/** `Kind namespace/name` and `type=status/reason` of each condition: of a class, a Gateway, its listeners, a route's parents. */
export function conditionLines(result: RenderResult): string[] {
  return result.statuses.flatMap(({ kind, namespace, name, status }) => {
    const json = toJsonObject(status);
    const object = `${kind} ${namespace ? `${namespace}/` : ""}${name}`;
    return [
      ...describe(object, json),
      ...listOf(json, "listeners").flatMap((one) => describe(`${object} listener ${textOf(toJsonObject(one), "name")}`, toJsonObject(one))),
      ...listOf(json, "parents").flatMap((one) => describe(`${object} parent ${parentName(toJsonObject(one))}`, toJsonObject(one))),
    ];
  });
}

function describe(object: string, status: JsonObject): string[] {
  return listOf(status, "conditions").map((one) => {
    const condition = toJsonObject(one);
    return `${object}: ${textOf(condition, "type")}=${textOf(condition, "status")}/${textOf(condition, "reason")}`;
  });
}

function parentName(parent: JsonObject): string {
  const ref = childOf(parent, "parentRef");
  return [textOf(ref, "name"), textOf(ref, "sectionName")].filter((part) => part !== "").join("/");
}

/** A configuration in few words: its listeners with where clients find them, and its clusters with their endpoints. */
export function configLines(result: RenderResult, gateway: string): string[] {
  const { listeners = [], clusters = [] } = result.configs.get(gateway)?.config ?? {};
  return [
    ...listeners.map((one) => `${one.protocol} ${one.port} at ${one.public_address ?? "-"}:${one.public_port ?? "-"} to ${(one.routes ?? []).join(" ")}`),
    ...clusters.map((one) => `${one.name} = ${(one.endpoints ?? []).join(" ")}`),
  ];
}
