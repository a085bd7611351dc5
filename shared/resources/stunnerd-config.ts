/**
 * The configuration of one stunnerd, schema `v1` (spec/stunnerd.md 3, spec/rendering.md 7.1).
 * Keys stand in serialisation order; an optional key that is empty is left out.
 */
export interface StunnerdConfig {
  version: "v1";
  admin: StunnerdAdmin;
  auth: StunnerdAuth;
  listeners?: StunnerdListener[];
  clusters?: StunnerdCluster[];
}

export interface StunnerdAdmin {
  /** `namespace/gateway`, or `stunner-daemon` in legacy mode. */
  name: string;
  loglevel: string;
  metrics_endpoint?: string;
  /** The empty string switches the health server off; stunnerd reads an absent key as the default. */
  healthcheck_endpoint: string;
  offload_engine: "None" | "XDP" | "TC" | "Auto";
  offload_interfaces?: string[];
}

export interface StunnerdAuth {
  type: "static" | "ephemeral" | "none";
  realm: string;
  credentials: { password?: string; username?: string; secret?: string };
}

export interface StunnerdListener {
  /** `namespace/gateway/listener`. */
  name: string;
  protocol: "TURN-UDP" | "TURN-TCP" | "TURN-TLS" | "TURN-DTLS";
  public_address?: string;
  public_port?: number;
  /** `$STUNNER_ADDR` (stunnerd puts its pod address in), the node placeholder, or an IP literal. */
  address: string;
  port: number;
  /** Standard base64 of PEM. */
  cert?: string;
  key?: string;
  /** Names of clusters, ascending. */
  routes?: string[];
}

export interface StunnerdCluster {
  /** `namespace/route`. */
  name: string;
  type: "STATIC" | "STRICT_DNS";
  protocol: "UDP";
  /** `ip`, `ip/prefix`, each optionally with `:<min-max>`; host names where STRICT_DNS. Ascending. */
  endpoints?: string[];
}

/** stunnerd replaces it by its own pod address (spec/stunnerd.md 2.3). */
export const STUNNER_ADDR = "$STUNNER_ADDR";
/** CDS replaces it by an external address of the asking node (spec/cds.md 7). */
export const NODE_ADDRESS_PLACEHOLDER = "__node_address_placeholder";

/**
 * The text of a configuration as stunnerd may safely read it: compact JSON in which every `$` is written `\u0024`,
 * since stunnerd expands environment variables in the text before it parses (spec/stunnerd.md 2.3), except the
 * one that is meant, a listener address of exactly `$STUNNER_ADDR`. Same config, same bytes.
 */
export function serializeConfig(config: StunnerdConfig): string {
  return JSON.stringify(config)
    .replaceAll("$", String.raw`\u0024`)
    .replaceAll(String.raw`"address":"\u0024STUNNER_ADDR"`, `"address":"${STUNNER_ADDR}"`);
}

/** What CDS pushes for a deleted configuration (spec/cds.md 4.3): stunnerd ignores it, other clients forget the Gateway. */
export function zeroConfig(id: string): Pick<StunnerdConfig, "version" | "auth"> & { admin: { name: string } } {
  return {
    version: "v1",
    admin: { name: id },
    auth: {
      type: "static",
      realm: "stunner.l7mp.io",
      credentials: { password: "dummy-password", username: "dummy-username" },
    },
  };
}
