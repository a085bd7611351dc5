import { isIP } from "node:net";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { flawOfHostName, flawOfStaticEndpoint } from "./stunnerd-endpoint.ts";

/**
 * What a configuration must be for stunnerd 1.2.1 to take and handle it well, written from spec/stunnerd.md 3, 6, 7.1
 * and 18 and spec/cds.md 6.3, not from the renderer. Returns every violation.
 */
export function flawsOfConfig(config: Json, { certificates }: { certificates: "verify" | "trust" }): string[] {
  if (!isObject(config)) return ["the configuration is no object"];
  return [
    ...keys(config, "config", ["version", "admin", "auth"], ["listeners", "clusters"]),
    ...(config["version"] === "v1" ? [] : ["version is not v1"]),
    ...flawsOfAdmin(config["admin"]),
    ...flawsOfAuth(config["auth"]),
    ...flawsOfListeners(config["listeners"], certificates),
    ...flawsOfClusters(config["clusters"]),
  ];
}

const ORDER: Readonly<Record<string, readonly string[]>> = {
  config: ["version", "admin", "auth", "listeners", "clusters"],
  admin: ["name", "loglevel", "metrics_endpoint", "healthcheck_endpoint", "offload_engine", "offload_interfaces"],
  auth: ["type", "realm", "credentials"],
  credentials: ["password", "username", "secret"],
  listener: ["name", "protocol", "public_address", "public_port", "address", "port", "cert", "key", "routes"],
  cluster: ["name", "type", "protocol", "endpoints"],
};

/** Keys that must be there, that may be there, and the order of serialisation (spec/rendering.md 7.1). */
function keys(object: JsonObject, what: string, required: readonly string[], optional: readonly string[]): string[] {
  const order = ORDER[what] ?? [];
  const present = Object.keys(object);
  const sorted = present.toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
  return [
    ...required.filter((key) => !present.includes(key)).map((key) => `${what}: no ${key}`),
    ...present.filter((key) => !required.includes(key) && !optional.includes(key)).map((key) => `${what}: unexpected ${key}`),
    ...(sorted.join() === present.join() ? [] : [`${what}: keys in the order ${present.join()}`]),
  ];
}

function flawsOfAdmin(admin: Json | undefined): string[] {
  if (!isObject(admin)) return ["admin is no object"];
  const flaws = keys(
    admin,
    "admin",
    ["name", "loglevel", "healthcheck_endpoint", "offload_engine"],
    ["metrics_endpoint", "offload_interfaces"],
  );
  if (!isText(admin["name"])) flaws.push("admin.name is empty");
  if (!isText(admin["loglevel"])) flaws.push("admin.loglevel is empty");
  if (admin["healthcheck_endpoint"] !== "" && !isEndpointUrl(admin["healthcheck_endpoint"]))
    flaws.push("admin.healthcheck_endpoint is no URL");
  if ("metrics_endpoint" in admin && !isEndpointUrl(admin["metrics_endpoint"])) flaws.push("admin.metrics_endpoint is no URL");
  if (!["None", "XDP", "TC", "Auto"].includes(String(admin["offload_engine"]))) flaws.push("admin.offload_engine is unknown");
  if ("offload_interfaces" in admin) flaws.push(...flawsOfTexts(admin["offload_interfaces"], "admin.offload_interfaces"));
  return flaws;
}

function flawsOfAuth(auth: Json | undefined): string[] {
  if (!isObject(auth)) return ["auth is no object"];
  const flaws = keys(auth, "auth", ["type", "realm", "credentials"], []);
  if (!isText(auth["realm"])) flaws.push("auth.realm is empty");
  const credentials = auth["credentials"];
  if (!isObject(credentials)) return [...flaws, "auth.credentials is no object"];
  const wanted: Readonly<Record<string, readonly string[]>> = { static: ["password", "username"], ephemeral: ["secret"] };
  const required = wanted[String(auth["type"])];
  if (!required) return [...flaws, `auth.type is ${JSON.stringify(auth["type"])}`];
  if (Object.values(credentials).some((value) => typeof value !== "string")) flaws.push("auth.credentials holds something else than text");
  return [...flaws, ...keys(credentials, "credentials", required, [])];
}

function flawsOfListeners(listeners: Json | undefined, certificates: "verify" | "trust"): string[] {
  if (listeners === undefined) return [];
  if (!Array.isArray(listeners) || listeners.length === 0) return ["listeners is no list, or an empty one"];
  const names = new Set<Json | undefined>();
  const ports = new Set<string>();
  return listeners.flatMap((listener) => {
    if (!isObject(listener)) return ["a listener is no object"];
    const flaws = flawsOfListener(listener, certificates);
    if (names.has(listener["name"])) flaws.push("is there twice");
    names.add(listener["name"]);
    const port = `${/UDP|DTLS/.test(String(listener["protocol"])) ? "UDP" : "TCP"} ${String(listener["port"])}`;
    if (ports.has(port)) flaws.push(`listens on ${port}, which another listener has`);
    ports.add(port);
    return flaws.map((flaw) => `listener ${String(listener["name"])}: ${flaw}`);
  });
}

function flawsOfListener(listener: JsonObject, certificates: "verify" | "trust"): string[] {
  const optional = ["public_address", "public_port", "cert", "key", "routes"];
  const flaws = keys(listener, "listener", ["name", "protocol", "address", "port"], optional);
  const { protocol, address, public_address: host, cert, key } = listener;
  if (!/^[^/]+\/[^/]+\/[^/]+$/.test(String(listener["name"]))) flaws.push("the name has not three parts");
  if (!["TURN-UDP", "TURN-TCP", "TURN-TLS", "TURN-DTLS"].includes(String(protocol))) flaws.push(`protocol ${String(protocol)}`);
  const known = address === "$STUNNER_ADDR" || address === "__node_address_placeholder" || isIP(String(address)) !== 0;
  if (!known) flaws.push(`address ${String(address)}`);
  if (!isPort(listener["port"])) flaws.push(`port ${String(listener["port"])}`);
  if ("public_address" in listener !== "public_port" in listener) flaws.push("only one of public_address and public_port");
  if (host !== undefined && !isText(host)) flaws.push("public_address is empty");
  if (host !== undefined && !isPort(listener["public_port"])) flaws.push(`public_port ${String(listener["public_port"])}`);
  if ("routes" in listener) flaws.push(...flawsOfTexts(listener["routes"], "routes", true));
  const secure = protocol === "TURN-TLS" || protocol === "TURN-DTLS";
  if (!secure && (cert !== undefined || key !== undefined)) flaws.push("cert or key without TLS");
  if (secure) flaws.push(...flawsOfPair(cert, key, certificates));
  return flaws;
}

function flawsOfPair(cert: Json | undefined, key: Json | undefined, certificates: "verify" | "trust"): string[] {
  if (!isBase64(cert) || !isBase64(key)) return ["cert or key is no base64"];
  if (certificates === "trust") return [];
  try {
    const pair = [Buffer.from(cert, "base64"), Buffer.from(key, "base64")] as const;
    return new X509Certificate(pair[0]).checkPrivateKey(createPrivateKey(pair[1])) ? [] : ["cert and key do not belong together"];
  } catch {
    return ["cert or key is no PEM"];
  }
}

function flawsOfClusters(clusters: Json | undefined): string[] {
  if (clusters === undefined) return [];
  if (!Array.isArray(clusters) || clusters.length === 0) return ["clusters is no list, or an empty one"];
  const names = clusters.map((cluster) => (isObject(cluster) ? String(cluster["name"]) : ""));
  return [...flawsOfTexts(names, "cluster names", true), ...clusters.flatMap(flawsOfCluster)];
}

function flawsOfCluster(cluster: Json): string[] {
  if (!isObject(cluster)) return ["a cluster is no object"];
  const flaws = keys(cluster, "cluster", ["name", "type", "protocol"], ["endpoints"]);
  if (!/^[^/]+\/[^/]+$/.test(String(cluster["name"]))) flaws.push("the name has not two parts");
  if (cluster["protocol"] !== "UDP") flaws.push(`protocol ${String(cluster["protocol"])}`);
  const flawOf = { STATIC: flawOfStaticEndpoint, STRICT_DNS: flawOfHostName }[String(cluster["type"])];
  if (!flawOf) flaws.push(`type ${String(cluster["type"])}`);
  const endpoints = cluster["endpoints"];
  if (endpoints !== undefined) flaws.push(...flawsOfTexts(endpoints, "endpoints"));
  if (Array.isArray(endpoints) && flawOf) flaws.push(...endpoints.flatMap((endpoint) => flawOf(String(endpoint)) ?? []));
  return flaws.map((flaw) => `cluster ${String(cluster["name"])}: ${flaw}`);
}

/** A list of texts, not empty, ascending by code unit. */
function flawsOfTexts(value: Json | undefined, what: string, unique = false): string[] {
  if (!Array.isArray(value) || value.length === 0) return [`${what} is no list, or an empty one`];
  if (!value.every(isText)) return [`${what} holds something else than text`];
  const flaws = value.every((item, index) => index === 0 || String(value[index - 1]) <= item) ? [] : [`${what} is not sorted`];
  return unique && new Set(value).size < value.length ? [...flaws, `${what} repeats an item`] : flaws;
}

const isText = (value: Json | undefined): value is string => typeof value === "string" && value.length > 0;
const isPort = (value: Json | undefined): boolean => typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535;
const isEndpointUrl = (value: Json | undefined): boolean => /^http:\/\/([a-z0-9.-]*)(:\d{1,5})?(\/\S*)?$/i.test(String(value));
const isBase64 = (value: Json | undefined): value is string =>
  isText(value) && value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
