import { deliveryKinds, type DeliveryKind } from "../../shared/resources/delivery.ts";
import { GATEWAY_GROUP, STUNNER_GROUP } from "../../shared/resources/constants.ts";

/** What of a deployment decides which rights it needs. */
export interface RbacOptions {
  readonly mode: "managed" | "legacy";
  /** Whether Endpoints are read in place of EndpointSlices. */
  readonly endpointSlices: boolean;
  /** Whether events come from watches, as with `serve`; else they are sent, and nothing is watched. */
  readonly watch: boolean;
  /** How configurations reach the pods; absent: direct. */
  readonly delivery?: DeliveryKind | undefined;
  readonly deliveryObject?: "Secret" | "ConfigMap" | undefined;
  /** Name of the ValidatingWebhookConfiguration that sends events, where there is one. */
  readonly webhook?: string;
}

/** A rule of a ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Row {
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Added where events come from watches. */
  readonly watched?: readonly string[];
  readonly names?: readonly string[];
  /** Absent: always. */
  readonly when?: boolean;
}

const LIST_WATCH = ["list", "watch"];
/** Server-side apply is a patch, and a create where there is nothing yet. */
const MADE = ["create", "delete", "patch"];

/**
 * Exactly what the code uses, once: loading (shared/state/live), writing (shared/apply/live), watching and waiting for
 * writes (shared/events). A right to watch Secrets is one to read them all, so it is there only where they are watched. Which
 * Secrets may be written cannot be said either: they have the names of Gateways.
 */
function rows({ mode, endpointSlices, webhook, delivery = "direct", deliveryObject = "Secret" }: RbacOptions): readonly Row[] {
  const managed = mode === "managed";
  const mounted = managed ? deliveryKinds(delivery, deliveryObject) : [];
  return [
    { group: GATEWAY_GROUP, resources: ["gatewayclasses", "gateways", "referencegrants", "udproutes"], verbs: ["get", "list"], watched: ["watch"] },
    { group: GATEWAY_GROUP, resources: ["gatewayclasses/status", "gateways/status", "udproutes/status"], verbs: ["update"] },
    { group: STUNNER_GROUP, resources: ["dataplanes", "gatewayconfigs", "staticservices", "udproutes"], verbs: ["get", "list"], watched: ["watch"] },
    { group: STUNNER_GROUP, resources: ["udproutes/status"], verbs: ["update"] },
    { group: "", resources: ["services"], verbs: ["get", "list", ...MADE], watched: ["watch"] },
    { group: "", resources: ["configmaps"], verbs: ["get", "list", ...MADE], watched: ["watch"], when: !managed },
    { group: "", resources: ["configmaps"], verbs: ["get", "list", ...MADE], when: mounted.includes("ConfigMap") },
    { group: "", resources: ["secrets", "namespaces"], verbs: ["get"], watched: LIST_WATCH },
    { group: "", resources: ["secrets"], verbs: MADE, when: mounted.includes("Secret") },
    { group: "", resources: ["nodes"], verbs: ["list"], watched: ["watch"] },
    { group: "", resources: ["endpoints"], verbs: ["get", "list"], watched: ["watch"], when: !endpointSlices },
    { group: "discovery.k8s.io", resources: ["endpointslices"], verbs: ["get", "list"], watched: ["watch"], when: endpointSlices },
    { group: "apps", resources: ["daemonsets", "deployments"], verbs: managed ? ["get", "list", ...MADE] : ["list"], watched: ["watch"] },
    { group: "apiextensions.k8s.io", resources: ["customresourcedefinitions"], verbs: [], watched: LIST_WATCH },
    {
      group: "admissionregistration.k8s.io",
      resources: ["validatingwebhookconfigurations"],
      verbs: ["get", "patch"],
      names: webhook === undefined ? [] : [webhook],
      when: webhook !== undefined,
    },
  ];
}

/** The rules of the ClusterRole, in a fixed order. */
export function policyRules(options: RbacOptions): PolicyRule[] {
  return rows(options).flatMap(({ group, resources, verbs, watched = [], names, when = true }) => {
    const all = [...new Set([...verbs, ...(options.watch ? watched : [])])].sort();
    if (!when || all.length === 0) return [];
    return [{ apiGroups: [group], resources, ...(names ? { resourceNames: names } : {}), verbs: all }];
  });
}
