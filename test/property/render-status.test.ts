import { describe, expect, it } from "vitest";
import { render } from "../../shared/render/render.ts";
import { anyCase, type Case } from "../support/arbitraries/case.ts";
import { SECRET_MARK, base64 } from "../support/arbitraries/names.ts";
import { childOf, isObject, listOf, textOf, toJson, toJsonObject, type Json, type JsonObject } from "../support/json.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";
import { gatewayOfParent, isGatewayOfOurs, parentKey, parentsOfOurs } from "../support/route-parents.ts";
import { flawsOfStatus } from "../support/status-limits.ts";

interface RouteStatus {
  readonly route: JsonObject;
  readonly before: readonly JsonObject[];
  readonly after: readonly JsonObject[];
}

describe("statuses", () => {
  it(
    "a route of ours has exactly one entry of ours for each parent of ours, and entries of other controllers stay as they are",
    () => {
      holds([anyCase], (one) => {
        // What was said of a Gateway whose class is absent stays until the Gateway is let go (improvements I9).
        const undecided = gatewaysWithoutClass(one);
        for (const { route, before, after } of routeStatuses(one)) {
          const isUndecided = (entry: JsonObject): boolean => undecided.has(gatewayOfParent(childOf(entry, "parentRef"), route));
          const isOurs = (entry: JsonObject): boolean => entry["controllerName"] === one.options.controllerName;
          const foreign = (entries: readonly JsonObject[]): string[] => entries.filter((entry) => !isOurs(entry)).map((entry) => JSON.stringify(entry));
          expect(foreign(after)).toEqual(foreign(before));
          const ours = after.filter(isOurs);
          const decided = ours.filter((entry) => !isUndecided(entry)).map((entry) => parentKey(childOf(entry, "parentRef"), route));
          expect(decided.toSorted()).toEqual([...parentsOfOurs(route, one)].toSorted());
          for (const entry of ours.filter(isUndecided)) expect(before).toContainEqual(entry);
        }
      });
    },
    PROPERTY_TIMEOUT,
  );

  it(
    "a Gateway that is not ours never gains a condition",
    () => {
      holds([anyCase], (one) => {
        for (const { kind, namespace, name, status } of render(one.state, one.options).statuses) {
          const gateway = kind === "Gateway" ? one.state.gateways.get(`${namespace ?? ""}/${name}`) : undefined;
          if (!gateway || isGatewayOfOurs(toJsonObject(gateway), one)) continue;
          const before = (gateway.status?.conditions ?? []).map((condition) => JSON.stringify(condition));
          for (const condition of status.conditions ?? []) expect(before).toContain(JSON.stringify(condition));
        }
      });
    },
    PROPERTY_TIMEOUT,
  );

  it(
    "they fit the limits of the CRDs, and no secret is in them, in a problem or in an object that is no configuration",
    () => {
      holds([anyCase], (one) => {
        const { statuses, problems, objects } = render(one.state, one.options);
        expect(statuses.flatMap((status) => flawsOfStatus(toJsonObject(status)))).toEqual([]);
        expect(new Set(statuses.map(({ apiVersion, kind, namespace, name }) => [apiVersion, kind, namespace, name].join())).size).toBe(
          statuses.length,
        );
        const said = JSON.stringify(toJson([statuses, problems, objects.filter(({ kind }) => kind !== "ConfigMap" && kind !== "Secret")]));
        for (const secret of [SECRET_MARK, base64(SECRET_MARK).slice(0, -2), "PRIVATE KEY", base64("-----BEGIN PRIVATE").slice(0, -2)]) {
          expect(said).not.toContain(secret);
        }
      });
    },
    PROPERTY_TIMEOUT,
  );
});

/** `namespace/name` of the Gateways that name a class that is not there. */
function gatewaysWithoutClass({ objects }: Case): Set<string> {
  const classes = new Set(objects.filter(({ kind }) => kind === "GatewayClass").map((one) => textOf(childOf(one, "metadata"), "name")));
  const without = objects.filter((one) => one["kind"] === "Gateway" && !classes.has(textOf(childOf(one, "spec"), "gatewayClassName")));
  return new Set(without.map(({ metadata }) => metadata).filter(isObject).map((metadata) => gatewayOfParent(metadata, {})));
}

/** Status entries of every route that is written, before and after. */
function routeStatuses(one: Case): RouteStatus[] {
  const written = render(one.state, one.options).statuses.filter((status) => status.kind === "UDPRoute");
  return [...one.state.udpRoutes.values(), ...one.state.officialUdpRoutes.values()].map((typed) => {
    const route = toJsonObject(typed);
    const metadata = childOf(route, "metadata");
    const status = written.find(
      (entry) =>
        entry.apiVersion === route["apiVersion"] &&
        (entry.namespace ?? "") === textOf(metadata, "namespace") &&
        entry.name === textOf(metadata, "name"),
    );
    const before = parentsIn(childOf(route, "status"));
    return { route, before, after: status ? parentsIn(toJson(status.status)) : before };
  });
}

const parentsIn = (status: Json): JsonObject[] => listOf(isObject(status) ? status : {}, "parents").filter(isObject);
