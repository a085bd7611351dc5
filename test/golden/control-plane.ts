import { render } from "../../shared/render/render.ts";
import type { DesiredObject, DesiredStatus, RenderResult } from "../../shared/render/result.ts";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import { childOf, isObject, listOf, toJsonObject, type JsonObject } from "../support/json.ts";
import { stateOf } from "../support/state.ts";
import { refOf, type ObjectRef, type OfflineCluster } from "./cluster.ts";
import type { Settings } from "./scenario.ts";

/** A write of ours that the API server refused. */
export interface RefusedWrite {
  /** `Kind/namespace/name`, with `/status` where the status was refused. */
  readonly object: string;
  /** Path of the field. */
  readonly refused: string;
  readonly why: string;
}

const MANAGER = "stunner-serverless";

/** The control plane on an offline cluster: what the reconciler does in one pass, without its I/O. */
export class OfflineControlPlane {
  readonly #cluster: OfflineCluster;
  readonly #settings: Settings;
  #published: ReadonlyMap<string, StunnerdConfig>;

  constructor(cluster: OfflineCluster, settings: Settings, published: ReadonlyMap<string, StunnerdConfig> = new Map()) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#published = published;
  }

  /** What is served now, ascending by `namespace/name`. */
  get published(): ReadonlyMap<string, StunnerdConfig> {
    return this.#published;
  }

  /** Load, render, apply. Orphans are let go at once, as `--upstream-compat` does. */
  pass(): { result: RenderResult; refused: RefusedWrite[] } {
    const state = stateOf(this.#cluster.objects());
    const options = { ...this.#settings, published: this.#published, released: new Set<string>() };
    const first = render(state, options);
    const result = first.orphans.length > 0 ? render(state, { ...options, released: new Set(first.orphans) }) : first;
    const refusals = result.objects.map((object) => ({ object, refused: this.#apply(object) }));
    for (const { apiVersion, kind, namespace, name } of result.deletions) this.#cluster.remove({ apiVersion, kind, namespace, name });
    this.#publish(result);
    const failed = new Set(refusals.flatMap(({ object, refused }) => (refused.length > 0 ? gatewayOf(object) : [])));
    const refused = [...refusals.flatMap((one) => one.refused), ...this.#writeStatuses(result, failed)];
    return { result, refused };
  }

  #apply(desired: DesiredObject): RefusedWrite[] {
    const object = toJsonObject(desired);
    const refusal = this.#cluster.apply(MANAGER, object);
    if (refusal) return [{ object: idOf(refOf(object)), refused: refusal.field, why: refusal.why }];
    if (object["kind"] === "Service") this.#cluster.takePorts(refOf(object), listOf(childOf(object, "spec"), "ports"));
    return [];
  }

  /** Gateways in `failed` are not programmed: something of theirs could not be written (improvements I24). */
  #writeStatuses(result: RenderResult, failed: ReadonlySet<string>): RefusedWrite[] {
    return result.statuses.flatMap(({ apiVersion, kind, namespace = "", name, status: rendered }) => {
      const ref = { apiVersion, kind, namespace, name };
      const status = kind === "Gateway" && failed.has(`${namespace}/${name}`) ? notProgrammed(rendered) : rendered;
      const refusal = this.#cluster.putStatus(MANAGER, ref, withTimes(toJsonObject(status)));
      return refusal ? [{ object: `${idOf(ref)}/status`, refused: refusal.field, why: refusal.why }] : [];
    });
  }

  #publish(result: RenderResult): void {
    const kept = [...this.#published].filter(([name]) => result.held.configs.has(name));
    const fresh = [...result.configs].map(([name, { config }]): [string, StunnerdConfig] => [name, config]);
    this.#published = new Map([...kept, ...fresh].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** `namespace/name` of the Gateways that an object belongs to. */
function gatewayOf({ metadata }: DesiredObject): string[] {
  return (metadata.ownerReferences ?? []).filter(({ kind }) => kind === "Gateway").map(({ name }) => `${metadata.namespace}/${name}`);
}

function notProgrammed(status: DesiredStatus["status"]): DesiredStatus["status"] {
  const pending = { status: "False", reason: "Pending" } as const;
  const conditions = status.conditions?.map((condition) => (condition.type === "Programmed" ? { ...condition, ...pending } : condition));
  return { ...status, ...(conditions ? { conditions } : {}) };
}

/** The writer gives conditions of ours their time; here it stands still. */
function withTimes(status: JsonObject): JsonObject {
  for (const owner of [status, ...listOf(status, "listeners"), ...listOf(status, "parents")].filter(isObject)) {
    for (const condition of listOf(owner, "conditions").filter(isObject)) condition["lastTransitionTime"] ??= "2026-01-01T00:00:00Z";
  }
  return status;
}

const idOf = (ref: ObjectRef): string => `${ref.kind}/${ref.namespace}/${ref.name}`;
