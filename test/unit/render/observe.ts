import { expect, it } from "vitest";
import type { RenderOptions, RenderResult } from "../../../shared/render/result.ts";
import type { KubeObject } from "../../../shared/resources/meta.ts";
import { rendered } from "./builders.ts";
import {
  addressesOf,
  attachedRoutes,
  classConditions,
  clusterLines,
  configOf,
  deletionKeys,
  gatewayConditions,
  listenerConditions,
  listenerLines,
  listenersOf,
  objectKeys,
  parentLines,
  publicLines,
  servicePorts,
  statusOf,
} from "./reading.ts";

/** What a case of a table looks at, of class `turn`, Gateway `media/gw` and route `media/route`. */
export interface Observation {
  readonly class: string[];
  readonly gateway: string[];
  readonly addresses: string[];
  readonly configs: string[];
  readonly listeners: string[];
  readonly public: string[];
  /** Routes of each rendered listener, separated by blanks. */
  readonly routes: string[];
  readonly attached: string[];
  readonly clusters: string[];
  readonly parents: string[];
  readonly official: string[];
  readonly objects: string[];
  readonly ports: string[];
  readonly deletions: string[];
  readonly held: string[];
  /** Conditions of each listener that are not as they ought to be, without `Programmed`. */
  readonly bad: Readonly<Record<string, string>>;
  readonly reasons: string[];
}

const FINE = new Set(["Accepted=True/Accepted", "Conflicted=False/NoConflicts", "ResolvedRefs=True/ResolvedRefs"]);

export function observe(result: RenderResult): Observation {
  const names = (statusOf(result, "Gateway", "media/gw")?.listeners ?? []).map((one) => one.name);
  const bad = names.map(
    (name) => [name, listenerConditions(result, name).filter((one) => !FINE.has(one) && !one.startsWith("Programmed")).join(" ")] as const,
  );
  return {
    class: classConditions(result),
    gateway: gatewayConditions(result),
    addresses: addressesOf(result),
    configs: [...result.configs.keys()],
    listeners: listenerLines(result),
    public: publicLines(result),
    routes: listenersOf(result).map((one) => (one.routes ?? []).join(" ")),
    attached: attachedRoutes(result),
    clusters: clusterLines(result),
    parents: parentLines(result),
    official: parentLines(result, "media/route", "gateway.networking.k8s.io"),
    objects: objectKeys(result),
    ports: servicePorts(result),
    deletions: deletionKeys(result),
    held: [...result.held.configs],
    bad: Object.fromEntries(bad.filter(([, text]) => text !== "")),
    reasons: result.problems.map((one) => one.reason),
  };
}

/** One row of a table of edge cases: its number in the specification, what is given, what is wanted. */
export interface Row {
  readonly n: number | string;
  readonly title: string;
  readonly given: readonly KubeObject[];
  readonly options?: Partial<RenderOptions>;
  readonly wanted: Partial<Observation>;
  /** For what an observation does not show. */
  readonly config?: object;
}

export function check(rows: readonly Row[]): void {
  it.each(rows.map((row) => [`${row.n}: ${row.title}`, row] as const))("%s", (_, { given, options, wanted, config }) => {
    const result = rendered(given, options);
    expect(observe(result)).toMatchObject(wanted);
    expect(configOf(result) ?? {}).toMatchObject(config ?? {});
  });
}
