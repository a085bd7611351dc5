import { GATEWAY_GROUP, OWNED_BY_LABEL, OWNED_BY_VALUE, SERVICE_NAME_LABEL, STUNNER_GROUP } from "../../resources/constants.ts";
import type { ClusterState } from "../../resources/cluster.ts";
import type { KubeClient } from "../../kube/client.ts";
import { KINDS, type KindInfo } from "../../resources/kinds.ts";
import type { KubeObject } from "../../resources/meta.ts";
import type { Problem } from "../../render/result.ts";
import { clusterState } from "../cluster-state.ts";
import type { RawObject } from "../directory/convert.ts";
import { cheapestReads, cheapestSliceLists } from "./cheapest.ts";
import { isBuiltIn, resourceName, type Served } from "./discovery.ts";
import { createLoadCache, type LoadCache } from "./load-cache.ts";
import { findMounted, mountedKinds, type MountedOptions } from "./mounted.ts";
import { lostProblem } from "./read-problem.ts";
import { createReader, type Reader } from "./reader.ts";
import { findReferences, type ReferenceOptions, type References } from "./references.ts";
import type { Unreadable } from "./to-object.ts";

export interface LiveState {
  readonly state: ClusterState;
  readonly references: References;
  /** UID of the kube-system namespace: tells one cluster from another (DESIGN.md 2). */
  readonly clusterUid: string | undefined;
  readonly problems: readonly Problem[];
  readonly unread: readonly string[];
  /** What the server sent for an object of `state`, no field lost, at the version that it serves. */
  readonly raw: ReadonlyMap<KubeObject, RawObject>;
  /** Kinds that count as there, `gateways.gateway.networking.k8s.io`, ascending: `knownKinds` of the next pass. */
  readonly kinds: readonly string[];
}

export interface LoadOptions extends ReferenceOptions, MountedOptions {
  /** false: Endpoints are read in place of EndpointSlices. */
  readonly endpointSlices: boolean;
  readonly endpointDiscovery: boolean;
  /** `kinds` of the last pass. One of them that is not served any more counts as unread (DESIGN.md 2). */
  readonly knownKinds?: readonly string[];
  /** Kinds that are not served any more are gone, and so are their objects. */
  readonly allowMassDelete?: boolean;
}

const OWNED = { labelSelector: `${OWNED_BY_LABEL}=${OWNED_BY_VALUE}` };

/**
 * Reads from an API server what rendering needs and no more: Gateway API and stunner kinds whole, then what they refer
 * to; Secrets and Namespaces only ever by name (spec/rendering.md 1.3). Never rejects because of the server: what it
 * did not give is in `unread`.
 * @param cache of the loads of one cluster: what has not changed since the last of them is not read into objects anew
 */
export async function loadLive(client: KubeClient, served: Served, options: LoadOptions, cache: LoadCache = createLoadCache()): Promise<LiveState> {
  const reader = createReader(client, served, cache);
  const lost = lostKinds(served, options);
  const makesConfigMaps = mountedKinds(options).includes("ConfigMap");
  await Promise.all([
    ...KINDS.filter(({ group }) => group === GATEWAY_GROUP || group === STUNNER_GROUP).map((info) => reader.list(info)),
    reader.list(kind("Node")),
    reader.list(kind("Service"), OWNED),
    reader.list(kind("Deployment"), OWNED),
    reader.list(kind("DaemonSet"), OWNED),
    ...(options.mode === "legacy" || makesConfigMaps ? [reader.list(kind("ConfigMap"), OWNED)] : []),
    reader.get(kind("Namespace"), ["kube-system"]),
  ]);
  const first = clusterState(reader.objects.keys());
  const references = findReferences(first, options);
  const mounted = findMounted(first, options);
  // Of them all that bear our label have been listed.
  const configMaps = makesConfigMaps ? [] : mounted.configMaps;
  await Promise.all([
    reader.get(kind("Secret"), [...references.secrets, ...mounted.secrets]),
    reader.get(kind("Namespace"), [...references.namespaces].filter((name) => !first.namespaces.has(name))),
    readServices(reader, [...references.services].filter((key) => !first.services.has(key))),
    options.endpointDiscovery ? readEndpoints(reader, [...references.backends], options.endpointSlices) : undefined,
    // An unlabelled one of that name stands in the way or is adopted.
    reader.get(kind("ConfigMap"), [...references.configMaps, ...configMaps].filter((key) => !first.configMaps.has(key))),
  ]);
  cache.pages.sweep();
  const unreadable = reader.unreadable.filter((one) => matters(one, references));
  return {
    state: clusterState(reader.objects.keys()),
    references,
    clusterUid: first.namespaces.get("kube-system")?.metadata.uid,
    problems: [...lost.map(lostProblem), ...reader.problems, ...unreadable.map(({ problem }) => problem)],
    unread: [...lost.map((info) => `kind ${resourceName(info)}`), ...reader.unread, ...unreadable.map(({ problem }) => problem.object)],
    raw: reader.objects,
    kinds: [...served.keys(), ...lost].filter((info) => !isBuiltIn(info)).map(resourceName).sort(),
  };
}

function lostKinds(served: Served, { knownKinds = [], allowMassDelete = false }: LoadOptions): KindInfo[] {
  const known = new Set(allowMassDelete ? [] : knownKinds);
  return KINDS.filter((info) => !served.has(info) && known.has(resourceName(info)));
}

async function readServices(reader: Reader, missing: readonly string[]): Promise<void> {
  const reads = cheapestReads(missing);
  if ("names" in reads) await reader.get(kind("Service"), reads.names);
  else await Promise.all(reads.lists.map((list) => reader.list(kind("Service"), list)));
}

async function readEndpoints(reader: Reader, backends: readonly string[], slices: boolean): Promise<void> {
  const info = kind(slices ? "EndpointSlice" : "Endpoints");
  const reads = slices ? { lists: cheapestSliceLists(backends) } : cheapestReads(backends);
  if ("names" in reads) await reader.get(info, reads.names);
  else await Promise.all(reads.lists.map((list) => reader.list(info, list)));
}

/** What nobody refers to was only read because it stood in the same list. */
function matters({ info, key, labels }: Unreadable, { services, backends }: References): boolean {
  switch (info.kind) {
    case "Service":
      return services.has(key) || labels[OWNED_BY_LABEL] === OWNED_BY_VALUE;
    case "Endpoints":
      return backends.has(key);
    case "EndpointSlice":
      return backends.has(`${key.split("/")[0]}/${String(labels[SERVICE_NAME_LABEL])}`);
    default:
      return true;
  }
}

function kind(name: string): KindInfo {
  const info = KINDS.find((one) => one.kind === name && one.group !== GATEWAY_GROUP && one.group !== STUNNER_GROUP);
  if (!info) throw new TypeError(`unknown kind ${name}`);
  return info;
}
