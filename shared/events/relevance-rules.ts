import { GATEWAY_GROUP, OWNED_BY_LABEL, OWNED_BY_VALUE, SERVICE_NAME_LABEL, STUNNER_GROUP } from "../resources/constants.ts";
import { type Change, CRD_GROUP, CRD_KIND, isAboutKinds, objectName } from "./change.ts";
import type { Refs } from "./refs.ts";

/** What of the settings decides which objects are read at all. */
export interface RelevanceSettings {
  readonly controllerName: string;
  readonly mode: "managed" | "legacy";
  /** false: Endpoints are read in place of EndpointSlices. */
  readonly endpointSlices: boolean;
  readonly endpointDiscovery: boolean;
}

/** Whether a change of one kind may matter, by what the last pass found. */
type Rule = (change: Change, refs: Refs, settings: RelevanceSettings) => boolean;

/** By `Kind.group`. Kinds that are not here matter always: GatewayConfig, Dataplane, UDPRoute, ReferenceGrant, Node. */
export const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [`GatewayClass.${GATEWAY_GROUP}`, isClassRelevant],
  [`Gateway.${GATEWAY_GROUP}`, isGatewayRelevant],
  [`StaticService.${STUNNER_GROUP}`, (change, { references }) => isNamed(change, references.staticServices)],
  ["Secret", (change, { references }) => isNamed(change, references.secrets)],
  ["Namespace", (change, { references }) => isNamed(change, references.namespaces)],
  ["Service", (change, refs) => isNamed(change, refs.references.services) || mayBeOwned(change, refs)],
  ["EndpointSlice.discovery.k8s.io", isSliceRelevant],
  ["Endpoints", isEndpointsRelevant],
  ["ConfigMap", (change, refs, { mode }) => mode === "legacy" && (isNamed(change, refs.references.configMaps) || mayBeOwned(change, refs))],
  // A workload counts only where it has the name of a Gateway that is or may have been ours, whatever its labels.
  ["Deployment.apps", (change, { gateways }) => isNamed(change, gateways)],
  ["DaemonSet.apps", (change, { gateways }) => isNamed(change, gateways)],
  [`${CRD_KIND}.${CRD_GROUP}`, isAboutKinds],
]);

/** Where the change names no object, any of its namespace may be meant. */
function isNamed(change: Change, names: ReadonlySet<string>): boolean {
  if (change.name !== "") return names.has(objectName(change));
  return change.namespace === undefined ? names.size > 0 : isNamespaceOf(names, change.namespace);
}

function isNamespaceOf(names: ReadonlySet<string>, namespace: string): boolean {
  return [...names].some((name) => name.startsWith(`${namespace}/`));
}

/** A class that is new or gone takes Gateways from us or leaves them to us; of one of another controller nothing else counts. */
function isClassRelevant({ name, operation, subresource, controllers }: Change, { foreignClasses }: Refs, { controllerName }: RelevanceSettings): boolean {
  const staysForeign = subresource === "status" || (controllers !== undefined && !controllers.includes(controllerName));
  return operation !== "update" || !foreignClasses.has(name) || !staysForeign;
}

/** The same of Gateways: that one exists or not shows in the statuses of routes that name it, whosever it is. */
function isGatewayRelevant(change: Change, { foreignClasses, foreignGateways }: Refs): boolean {
  const { operation, subresource, classes } = change;
  const staysForeign = subresource === "status" || (classes !== undefined && classes.every((one) => foreignClasses.has(one)));
  return operation !== "update" || !foreignGateways.has(objectName(change)) || !staysForeign;
}

/** The owned-by label makes an object known whatever its name; what had it before is in the references. */
function mayBeOwned({ kind, namespace = "", name, operation, subresource, labels }: Change, { owned }: Refs): boolean {
  if (labels?.some((one) => one[OWNED_BY_LABEL] === OWNED_BY_VALUE) || owned.has(`${kind}/${namespace}/${name}`)) return true;
  const mayGainLabel = subresource === undefined && (operation !== "delete" || name === "");
  return labels === undefined && mayGainLabel;
}

function isEndpointsRelevant(change: Change, { references }: Refs, { endpointSlices, endpointDiscovery }: RelevanceSettings): boolean {
  return endpointDiscovery && !endpointSlices && isNamed(change, references.backends);
}

/** By the Service that the label names now, or did when it was read; without labels by what the name tells. */
function isSliceRelevant(change: Change, { references, slices }: Refs, { endpointSlices, endpointDiscovery }: RelevanceSettings): boolean {
  const { namespace = "", name, labels, nameIsGenerated } = change;
  if (!endpointSlices || !endpointDiscovery) return false;
  if (slices.has(`${namespace}/${name}`)) return true;
  if (labels !== undefined) return labels.some((one) => references.backends.has(`${namespace}/${one[SERVICE_NAME_LABEL] ?? ""}`));
  if (!isNamespaceOf(references.backends, namespace)) return false;
  return !nameIsGenerated || name === "" || [...references.backends].some((backend) => `${namespace}/${name}`.startsWith(generatedPrefix(backend)));
}

/** What a generated name begins with is cut to 58 characters by the API server. */
const LONGEST_PREFIX = 58;

function generatedPrefix(service: string): string {
  const [namespace = "", name = ""] = service.split("/");
  return `${namespace}/${`${name}-`.slice(0, LONGEST_PREFIX)}`;
}
