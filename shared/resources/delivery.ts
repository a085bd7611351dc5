/** How a configuration gets from the store to stunnerd (DESIGN.md 4.3). */
export const DELIVERIES = ["direct", "proxy", "pull", "configmap"] as const;
export type DeliveryKind = (typeof DELIVERIES)[number];

export type Delivery = { readonly kind: "direct" } | RemoteDelivery | MountedDelivery;

/** A sidecar fetches it over TLS: nginx passes stunnerd's own watch on, curl polls into a file. */
export interface RemoteDelivery extends Sidecar {
  readonly kind: "proxy" | "pull";
  readonly endpoint: CdsEndpoint;
  /** PEM of the authorities that may have signed the endpoint's certificate; absent: those of the sidecar's image. */
  readonly ca?: string | undefined;
  /** Seconds between two polls where the answer does not tell. */
  readonly pollSeconds: number;
  /** What opens the configuration of one Gateway; empty: nothing is needed. Pure. The result is a secret. */
  readonly token: (gateway: GatewayIdentity) => string;
}

/** The pod mounts it. */
export interface MountedDelivery {
  readonly kind: "configmap";
  /** A configuration holds passwords and TLS keys. */
  readonly object: "Secret" | "ConfigMap";
}

export interface Sidecar {
  readonly image: string;
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  readonly resources: SidecarResources;
}

export interface SidecarResources {
  readonly limits?: Readonly<Record<string, string | number>> | undefined;
  readonly requests?: Readonly<Record<string, string | number>> | undefined;
}

/** Kinds of the objects that the pods of a Gateway mount. */
export function deliveryKinds(kind: DeliveryKind, object: MountedDelivery["object"]): readonly ("ConfigMap" | "Secret")[] {
  if (kind === "direct") return [];
  return kind === "configmap" ? [object] : ["ConfigMap", "Secret"];
}

export interface GatewayIdentity {
  readonly namespace: string;
  readonly name: string;
  /** Empty where the Gateway has none. */
  readonly uid: string;
}

/** Where CDS is, over TLS. */
export interface CdsEndpoint {
  /** A DNS name or an IPv4 address, in lower case. */
  readonly host: string;
  readonly port: number;
  /** In front of `/api/v1`, such as `/c/prod`: empty, or with a slash at its beginning and none at its end. */
  readonly path: string;
}

const HOST = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
/** Segments of unreserved characters (RFC 3986, 2.3), none of which is `.` or `..`. */
const PATH = /^(\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)*$/;

/**
 * Reads `https://host[:port][/path]`. Everything in it goes into configuration files of other programs: what means
 * something there is not accepted. Undefined where it cannot be used.
 */
export function parseCdsEndpoint(text: string): CdsEndpoint | undefined {
  const [, authority = "", rest = ""] = /^https:\/\/([^/?#@\s]+)(\/[^?#\s]*)?$/i.exec(text) ?? [];
  const [, host = "", digits = "443"] = /^([^:]+)(?::(\d{1,5}))?$/.exec(authority.toLowerCase()) ?? [];
  const path = rest.replace(/\/$/, "");
  const port = Number(digits);
  if (!HOST.test(host) || !PATH.test(path) || port < 1 || port > 65_535) return undefined;
  return { host, port, path };
}

/** Names by which a certificate may be known; addresses are no such names to nginx (`proxy_ssl_name`). */
export function isDnsName(host: string): boolean {
  return !/^[\d.]+$/.test(host);
}
