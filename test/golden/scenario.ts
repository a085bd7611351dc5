import { readdirSync, readFileSync } from "node:fs";
import { CONTROLLER_NAME, DEFAULT_LABEL_FILTER } from "../../shared/resources/constants.ts";
import type { RenderOptions } from "../../shared/render/result.ts";
import type { JsonObject } from "../support/json.ts";
import type { Outcome } from "./comparable.ts";
import type { ObjectRef } from "./cluster.ts";

/** A recording (README.md, "File format"). */
export interface Scenario {
  /** The file's name without `.json`. */
  readonly file: string;
  readonly name: string;
  readonly about: string;
  readonly mode: "managed" | "legacy";
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly title: string;
  readonly apply: readonly JsonObject[];
  readonly delete: readonly (Omit<ObjectRef, "namespace"> & { readonly namespace?: string })[];
  readonly status: readonly JsonObject[];
  readonly owned?: readonly string[];
  readonly expected: Outcome;
}

export type Settings = Omit<RenderOptions, "published" | "released">;

/** Every recording beside this file, in order. */
export function loadScenarios(): Scenario[] {
  const folder = new URL(".", import.meta.url);
  return readdirSync(folder)
    .filter((file) => /^\d{3}-.*\.json$/.test(file))
    .toSorted()
    .map((file) => ({ ...(JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Scenario), file: file.slice(0, -".json".length) }));
}

/** The settings of `--upstream-compat` with the flags and the environment of a recording. */
export function settingsOf(scenario: Scenario): Settings {
  const { flags, env, mode } = scenario;
  const filter = env["STUNNER_GATEWAY_OPERATOR_LABEL_FILTER"];
  const known = new Set(["endpoint-discovery", "disable-endpontslice-controller", "controller-name", "zap-log-level"]);
  const unknown = Object.keys(flags).filter((flag) => !known.has(flag));
  if (unknown.length > 0) throw new Error(`${scenario.file}: unknown flags ${unknown.join(", ")}`);
  return {
    controllerName: String(flags["controller-name"] ?? CONTROLLER_NAME),
    mode,
    endpointDiscovery: flags["endpoint-discovery"] !== false,
    endpointSlices: flags["disable-endpontslice-controller"] !== true,
    onInvalid: "teardown",
    referenceGrants: "permit",
    certificates: "trust",
    labelFilter: filter === undefined ? DEFAULT_LABEL_FILTER : filter.split(",").map((key) => key.trim()),
    configOrigin: "http://127.0.0.1:13478",
    now: Date.UTC(2026, 0, 1),
  };
}
