import { GATEWAY_GROUP, OWNED_BY_LABEL, OWNED_BY_VALUE, SERVICE_NAME_LABEL, STUNNER_GROUP } from "../../resources/constants.ts";
import type { ClusterState } from "../../resources/cluster.ts";
import type { KubeClient } from "../../kube/client.ts";
import { KINDS, type KindInfo } from "../../resources/kinds.ts";
import type { Problem } from "../../render/result.ts";
import { clusterState } from "../cluster-state.ts";
import type { Served } from "./discovery.ts";
import { createReader, type Reader } from "./reader.ts";
import { findReferences, type ReferenceOptions, type References } from "./references.ts";

export interface LiveState {
  readonly state: ClusterState;
  readonly references: References;
  /** UID of the kube-system namespace: tells one cluster from another (DESIGN.md 2). */
  readonly clusterUid: string | undefined;
  readonly problems: readonly Problem[];
  readonly unread: readonly string[];
}

export interface LoadOptions extends ReferenceOptions {
  /** false: Endpoints are read in place of EndpointSlices. */
  readonly endpointSlices: boolean;
  readonly endpointDiscovery: boolean;
}

/** So many objects are read one by one before a list of all is cheaper. */
const CHEAPER_BY_NAME = 12;
const OWNED = { labelSelector: `${OWNED_BY_LABEL}=${OWNED_BY_VALUE}` };

/**
 * Reads from an API server what rendering needs and no more: Gateway API and stunner kinds whole, then what they refer
 * to; Secrets and Namespaces only ever by name (spec/rendering.md 1.3). Never rejects because of the server: what it
 * did not give is in `unread`.
 */
export async function loadLive(client: KubeClient, served: Served, options: LoadOptions): Promise<LiveState> {
  const reader = createReader(client, served);
  await Promise.all([
    ...KINDS.filter(({ group }) => group === GATEWAY_GROUP || group === STUNNER_GROUP).map((info) => reader.list(info)),
    reader.list(kind("Node")),
    reader.list(kind("Service"), OWNED),
    reader.list(kind("Deployment"), OWNED),
    reader.list(kind("DaemonSet"), OWNED),
    ...(options.mode === "legacy" ? [reader.list(kind("ConfigMap"), OWNED)] : []),
    reader.get(kind("Namespace"), ["kube-system"]),
  ]);
  const first = clusterState(reader.objects);
  const references = findReferences(first, options);
  await Promise.all([
    reader.get(kind("Secret"), references.secrets),
    reader.get(kind("Namespace"), references.namespaces),
    readServices(reader, [...references.services].filter((key) => !first.services.has(key))),
    options.endpointDiscovery ? readEndpoints(reader, references.backends, options.endpointSlices) : undefined,
    // An unlabelled one of that name stands in the way or is adopted.
    reader.get(kind("ConfigMap"), [...references.configMaps].filter((key) => !first.configMaps.has(key))),
  ]);
  return {
    state: clusterState(reader.objects),
    references,
    clusterUid: first.namespaces.get("kube-system")?.metadata.uid,
    problems: reader.problems,
    unread: reader.unread,
  };
}

async function readServices(reader: Reader, missing: readonly string[]): Promise<void> {
  if (missing.length > CHEAPER_BY_NAME) await reader.list(kind("Service"));
  else await reader.get(kind("Service"), missing);
}

async function readEndpoints(reader: Reader, backends: ReadonlySet<string>, slices: boolean): Promise<void> {
  const info = kind(slices ? "EndpointSlice" : "Endpoints");
  if (backends.size > CHEAPER_BY_NAME) return reader.list(info);
  if (!slices) return reader.get(info, backends);
  const byNamespace = Map.groupBy([...backends].map((key) => key.split("/")), ([namespace = ""]) => namespace);
  await Promise.all(
    [...byNamespace].map(([namespace, keys]) =>
      reader.list(info, { namespace, labelSelector: `${SERVICE_NAME_LABEL} in (${keys.map(([, name]) => name).join(",")})` }),
    ),
  );
}

function kind(name: string): KindInfo {
  const info = KINDS.find((one) => one.kind === name && one.group !== GATEWAY_GROUP && one.group !== STUNNER_GROUP);
  if (!info) throw new TypeError(`unknown kind ${name}`);
  return info;
}
