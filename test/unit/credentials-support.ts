import { createHash } from "node:crypto";
import type { ConfigEntry } from "../../shared/cds/source.ts";
import type { CredentialsOptions, CredentialsRequest } from "../../shared/credentials/service.ts";
import type { StunnerdConfig, StunnerdListener } from "../../shared/resources/stunnerd-config.ts";

/** 2026-11-20T01:20:48Z: credentials for a day expire at the second of a test vector (spec/stunnerd.md 5.2). */
export const NOW = (1_795_224_448 - 86_400) * 1000;

export const CERTIFICATE = { cert: "Y2VydA==", key: "a2V5" };

/** A configuration as CDS serves it. Listeners are named by their last part. */
export function config(id: string, { auth = STATIC, listeners = [listener("udp")] }: { auth?: StunnerdConfig["auth"]; listeners?: readonly StunnerdListener[] } = {}): StunnerdConfig {
  return {
    version: "v1",
    admin: { name: id, loglevel: "all:INFO", healthcheck_endpoint: "http://:8086", offload_engine: "None" },
    auth,
    listeners: listeners.map((one) => ({ ...one, name: `${id}/${one.name}` })),
  };
}

export function listener(name: string, fields: Partial<StunnerdListener> = {}): StunnerdListener {
  return { name, protocol: "TURN-UDP", public_address: "198.51.100.7", public_port: 13_478, address: "$STUNNER_ADDR", port: 3478, ...fields };
}

/** The four protocols of the example in spec/stunnerd.md 14.2. */
export const FOUR: readonly StunnerdListener[] = [
  listener("udp"),
  listener("tcp", { protocol: "TURN-TCP" }),
  listener("tls", { protocol: "TURN-TLS", public_port: 10_443, ...CERTIFICATE }),
  listener("dtls", { protocol: "TURN-DTLS", public_port: 10_443, ...CERTIFICATE }),
];

export const STATIC: StunnerdConfig["auth"] = { type: "static", realm: "stunner.l7mp.io", credentials: { username: "user-1", password: "pass-1" } };
export const EPHEMERAL: StunnerdConfig["auth"] = { type: "ephemeral", realm: "stunner.l7mp.io", credentials: { secret: "my-secret" } };

/** What a follower of the store holds. */
export function sourceOf(configs: readonly (StunnerdConfig | string)[], ready = true): { ready: boolean; entries: Map<string, ConfigEntry> } {
  const entries = configs.map((one, index): ConfigEntry => {
    const text = Buffer.from(typeof one === "string" ? one : JSON.stringify(one));
    return { id: typeof one === "string" ? `broken/${index}` : one.admin.name, digest: createHash("sha256").update(text).digest("hex"), text };
  });
  return { ready, entries: new Map(entries.map((entry) => [entry.id, entry])) };
}

export const OPEN: CredentialsOptions = { clusters: [], origins: [], perSecond: 0, publicAddress: "", publicPort: 0, now: () => NOW };

export function get(url: string, more: Partial<CredentialsRequest> = {}): CredentialsRequest {
  return { method: "GET", url, headers: {}, hasBody: false, address: "192.0.2.1", ...more };
}
