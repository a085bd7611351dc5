import { childOf, isObject, listOf, sameJson, textOf, type Json, type JsonObject } from "../support/json.ts";

/** Metadata that differs from run to run (README.md, "How `expected` was normalised"). */
const VOLATILE = [
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "managedFields",
  "generation",
  "selfLink",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
];
const DEPLOYMENT: JsonObject = {
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
  strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
};
const DAEMON_SET: JsonObject = {
  revisionHistoryLimit: 10,
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
};
const POD: JsonObject = { restartPolicy: "Always", dnsPolicy: "ClusterFirst", schedulerName: "default-scheduler", securityContext: {} };
const CONTAINER: JsonObject = { terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File", resources: {} };
const PROBE: JsonObject = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
const SERVICE: JsonObject = {
  internalTrafficPolicy: "Cluster",
  ipFamilies: ["IPv4"],
  ipFamilyPolicy: "SingleStack",
  allocateLoadBalancerNodePorts: true,
  sessionAffinity: "None",
  sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
  externalTrafficPolicy: "Cluster",
};

/** A Service, ConfigMap, Deployment or DaemonSet as the recordings show it. */
export function normaliseObject(object: JsonObject): JsonObject {
  const out = structuredClone(object);
  const metadata = childOf(out, "metadata");
  const pinned = textOf(childOf(metadata, "annotations"), "stunner.l7mp.io/nodeport");
  for (const key of VOLATILE) delete metadata[key];
  for (const reference of listOf(metadata, "ownerReferences").filter(isObject)) delete reference["uid"];
  const annotations = childOf(metadata, "annotations");
  delete annotations["deployment.kubernetes.io/revision"];
  delete annotations["deprecated.daemonset.template.generation"];
  switch (textOf(out, "kind")) {
    case "Deployment":
      normaliseWorkload(out, DEPLOYMENT);
      break;
    case "DaemonSet":
      normaliseWorkload(out, DAEMON_SET);
      break;
    case "Service":
      normaliseService(out, pinned);
      break;
    case "ConfigMap":
      normaliseConfigMap(out);
  }
  return out;
}

function normaliseWorkload(object: JsonObject, defaults: JsonObject): void {
  delete object["status"];
  const spec = childOf(object, "spec");
  drop(spec, defaults);
  const template = childOf(spec, "template");
  delete childOf(template, "metadata")["creationTimestamp"];
  const pod = childOf(template, "spec");
  drop(pod, POD);
  if (pod["serviceAccount"] === pod["serviceAccountName"]) delete pod["serviceAccount"];
  for (const container of listOf(pod, "containers").filter(isObject)) {
    drop(container, CONTAINER);
    for (const name of ["livenessProbe", "readinessProbe", "startupProbe"]) {
      drop(childOf(container, name), PROBE);
      drop(childOf(childOf(container, name), "httpGet"), { scheme: "HTTP" });
    }
    for (const variable of listOf(container, "env").filter(isObject)) {
      drop(childOf(childOf(variable, "valueFrom"), "fieldRef"), { apiVersion: "v1" });
    }
  }
}

function normaliseService(object: JsonObject, pinned: string): void {
  delete object["status"];
  const spec = childOf(object, "spec");
  drop(spec, SERVICE);
  for (const key of ["clusterIP", "clusterIPs", "healthCheckNodePort"]) delete spec[key];
  for (const port of listOf(spec, "ports").filter(isObject)) {
    if (!pinned.includes(String(port["nodePort"] ?? ""))) delete port["nodePort"];
    if (port["targetPort"] === port["port"]) delete port["targetPort"];
  }
}

function normaliseConfigMap(object: JsonObject): void {
  const data = childOf(object, "data");
  for (const [key, value] of Object.entries(data)) {
    try {
      data[key] = { $json: normaliseConfig(JSON.parse(String(value)) as Json) };
    } catch {
      // Text that is no JSON stays as it is.
    }
  }
}

/** A stunnerd configuration with the arrays sorted whose order upstream takes from a hash map. */
export function normaliseConfig(config: Json): Json {
  if (!isObject(config)) return config;
  const out = structuredClone(config);
  for (const listener of listOf(out, "listeners").filter(isObject)) {
    if (Array.isArray(listener["routes"])) listener["routes"] = listener["routes"].toSorted(byText);
  }
  if (Array.isArray(out["clusters"])) out["clusters"] = out["clusters"].toSorted((a, b) => byText(nameOf(a), nameOf(b)));
  if (Array.isArray(out["listeners"])) {
    out["listeners"] = out["listeners"].toSorted((a, b) => byText(gatewayOf(a), gatewayOf(b)));
  }
  return out;
}

/** The status of an object as the recordings show it. */
export function normaliseStatus(object: JsonObject): JsonObject {
  const generation = childOf(object, "metadata")["generation"];
  const status = sortKeys(childOf(object, "status"));
  const walk = (value: Json): void => {
    if (Array.isArray(value)) value.forEach(walk);
    if (!isObject(value)) return;
    delete value["lastTransitionTime"];
    if ("reason" in value && "message" in value) delete value["message"];
    if ("observedGeneration" in value) value["observedGeneration"] = value["observedGeneration"] === generation ? "current" : "stale";
    Object.values(value).forEach(walk);
  };
  walk(status);
  return isObject(status) ? status : {};
}

/** The keys of a custom resource come sorted from an API server. */
function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => byText(a, b));
  return Object.fromEntries(entries.map(([key, child]): [string, Json] => [key, sortKeys(child)]));
}

function drop(object: JsonObject, defaults: JsonObject): void {
  for (const [key, value] of Object.entries(defaults)) {
    if (key in object && sameJson(object[key], value)) delete object[key];
  }
}

const nameOf = (value: Json): string => (isObject(value) ? textOf(value, "name") : "");
const gatewayOf = (value: Json): string => nameOf(value).split("/").slice(0, -1).join("/");

/** Ascending by code unit, as Python sorts text. */
export function byText(a: Json, b: Json): number {
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
