import { isDnsName, parseCdsEndpoint, type Delivery, type GatewayIdentity, type RemoteDelivery } from "../resources/delivery.ts";
import type { Settings } from "../settings.ts";

type DeliverySettings = Pick<
  Settings,
  "mode" | "cluster" | "delivery" | "deliveryObject" | "proxyImage" | "pullImage" | "sidecarPullPolicy" | "sidecarResources" | "pollInterval"
>;

export interface DeliveryContext {
  /** Where pods reach CDS: what `--cds-url` says, or `http://host:port`. */
  readonly url: string;
  /** PEM of authorities; empty: those of the sidecar's image. */
  readonly ca: string;
  /** What opens the configuration of a Gateway; absent: tokens are not in use. */
  readonly token?: ((gateway: GatewayIdentity) => string) | undefined;
}

/** The settings of one cluster do not go together. The message names the cluster and the setting. */
export class InvalidDelivery extends Error {
  readonly code = "InvalidDelivery";
  readonly retryable = false;

  constructor(cluster: string, setting: string, message: string) {
    super(`cluster ${cluster}: ${setting}: ${message}`);
    this.name = "InvalidDelivery";
  }
}

/** Nothing else in a file is for the pods: there may be a key in it. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/**
 * How configurations reach the pods of a cluster (DESIGN.md 4.3).
 * @throws {InvalidDelivery}
 */
export function deliveryOf(settings: DeliverySettings, { url, ca, token }: DeliveryContext): Delivery {
  const { cluster, delivery: kind, mode } = settings;
  const refuse = (setting: string, message: string): InvalidDelivery => new InvalidDelivery(cluster, setting, message);
  // In legacy mode there are no pods of ours.
  if (mode === "legacy") return { kind: "direct" };
  if (kind === "configmap") return { kind, object: settings.deliveryObject };
  const endpoint = parseCdsEndpoint(url);
  if (kind === "direct") {
    if (token) throw refuse("delivery", "direct cannot send tokens, which are set: give proxy, pull or configmap, or do without tokens");
    if (endpoint) throw refuse("cds-url", "stunnerd itself knows no TLS: give http://host:port, or delivery proxy or pull");
    return { kind };
  }
  if (!endpoint) throw refuse("cds-url", `delivery ${kind} needs https://host[:port][/path]`);
  if (kind === "proxy" && !isDnsName(endpoint.host)) throw refuse("cds-url", "delivery proxy needs a DNS name: nginx does not find addresses in certificates");
  const authorities = ca.match(CERTIFICATE) ?? [];
  if (ca !== "" && authorities.length === 0) throw refuse("cds-ca", "has no certificate in PEM");
  const remote: RemoteDelivery = {
    kind,
    endpoint: { ...endpoint, path: `${endpoint.path}/c/${cluster}` },
    ...(ca === "" ? {} : { ca: `${authorities.join("\n")}\n` }),
    image: kind === "proxy" ? settings.proxyImage : settings.pullImage,
    imagePullPolicy: settings.sidecarPullPolicy,
    resources: settings.sidecarResources,
    pollSeconds: settings.pollInterval / 1000,
    token: token ?? (() => ""),
  };
  return remote;
}
