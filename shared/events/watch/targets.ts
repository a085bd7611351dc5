import { GATEWAY_GROUP, OWNED_BY_LABEL, OWNED_BY_VALUE, STUNNER_GROUP } from "../../resources/constants.ts";
import type { KindInfo } from "../../resources/kinds.ts";
import type { Served } from "../../state/live/discovery.ts";
import type { References } from "../../state/live/references.ts";
import { CRD_GROUP, CRD_KIND } from "../change.ts";
import { type KnownKind, knownKind } from "../known-kinds.ts";
import type { RelevanceSettings } from "../relevance.ts";

/** One list and watch. */
export interface Target {
  /** Tells targets apart. */
  readonly id: string;
  readonly kind: KnownKind;
  readonly apiVersion: string;
  readonly namespace?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** The one object that there may be. */
  readonly name?: string;
  /** Whether objects are asked for whole; else their metadata is enough. */
  readonly whole: boolean;
}

/** Secrets of a namespace that are watched by name; where more are referred to, the metadata of all in it is watched. */
const MOST_BY_NAME = 16;
const OWNED = `${OWNED_BY_LABEL}=${OWNED_BY_VALUE}`;

/**
 * What to watch: Gateway API and stunner kinds, CRDs, Nodes, Services and slices everywhere, workloads and ConfigMaps
 * of ours, and what is referred to of Secrets and Namespaces. Content is asked for of Nodes alone, never of Secrets.
 * @param references undefined: not known yet
 */
export function targetsOf(served: Served, references: References | undefined, settings: RelevanceSettings): Target[] {
  const targets: Target[] = [target({ group: CRD_GROUP, kind: CRD_KIND }, `${CRD_GROUP}/v1`)];
  for (const [info, apiVersion] of served) {
    const { group, kind } = info;
    if (group === GATEWAY_GROUP || group === STUNNER_GROUP || isWatchedWhole(info, settings)) targets.push(target(info, apiVersion));
    if (group === "apps" || (kind === "ConfigMap" && settings.mode === "legacy")) targets.push(target(info, apiVersion, { labelSelector: OWNED }));
    if (kind === "Namespace" && references && references.namespaces.size > 0) targets.push(target(info, apiVersion));
    if (kind === "Secret" && references) targets.push(...secretTargets(info, apiVersion, references.secrets));
  }
  return targets;
}

function isWatchedWhole({ group, kind }: KindInfo, { endpointSlices, endpointDiscovery }: RelevanceSettings): boolean {
  if (kind === "EndpointSlice") return endpointDiscovery && endpointSlices;
  if (kind === "Endpoints") return endpointDiscovery && !endpointSlices;
  return group === "" && (kind === "Node" || kind === "Service");
}

function secretTargets(info: KindInfo, apiVersion: string, secrets: ReadonlySet<string>): Target[] {
  const byNamespace = Map.groupBy([...secrets].map((key) => key.split("/")), ([namespace = ""]) => namespace);
  return [...byNamespace].flatMap(([namespace, keys]) => {
    if (keys.length > MOST_BY_NAME) return [target(info, apiVersion, { namespace })];
    return keys.map(([, name = ""]) => target(info, apiVersion, { namespace, name, fieldSelector: `metadata.name=${name}` }));
  });
}

function target(of: { group: string; kind: string }, apiVersion: string, part: Pick<Target, "namespace" | "name" | "fieldSelector" | "labelSelector"> = {}): Target {
  const kind = knownKind(of.group, of.kind);
  if (!kind) throw new TypeError(`unknown kind ${of.kind}`);
  const id = [apiVersion, kind.plural, part.namespace, part.name, part.labelSelector].filter(Boolean).join(" ");
  return { id, kind, apiVersion, whole: kind.kind === "Node", ...part };
}
