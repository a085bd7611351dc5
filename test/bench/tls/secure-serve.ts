import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSecretKey, randomBytes } from "node:crypto";
import { deriveToken } from "../../../shared/access/token.ts";
import { createAuthority } from "../../integration/delivery/certificates.ts";
import { gateway, PLATFORM } from "../../support/manifests.ts";
import { directoryOf, eventually } from "../../support/running-serve.ts";
import type { Secure } from "../cds/raw-client.ts";
import type { Measure } from "../measured.ts";
import { startMeasuredServe } from "../measured-serve.ts";

const HOST = "cds.example.com";

/** A `serve` over TLS, with tokens, of so many Gateways `media/gw-0`, `media/gw-1`, …, as a user starts it. */
export interface SecureServe {
  readonly port: number;
  /** How a client with the token of this Gateway connects. */
  secure(gateway: number): Secure;
  /** Saves another port of a Gateway. */
  edit(gateway: number, port: number): void;
  measure(): Promise<Measure>;
  stop(): Promise<void>;
}

export async function startSecureServe(gateways: number, ...args: string[]): Promise<SecureServe> {
  const numbers = Array.from({ length: gateways }, (_, n) => n);
  const key = randomBytes(32);
  const manifests = Object.fromEntries(numbers.map((n) => [`m/gw-${n}.yaml`, gateway(`gw-${n}`, { port: 3478 })]));
  const { path, remove } = await directoryOf({ "m/platform.yaml": PLATFORM, ...manifests, keys: key.toString("base64") });
  const at = (...names: string[]): string => join(path, ...names);
  const { cert, key: privateKey, ca } = createAuthority(path, "authority").sign(HOST);
  writeFileSync(at("cert.pem"), cert);
  writeFileSync(at("key.pem"), privateKey);
  const serve = await startMeasuredServe(
    [
      `--manifests=${at("m")}`, `--out=${at("out")}`, `--store=file://${at("store")}`, `--token-keys=${at("keys")}`, "--delivery=pull",
      `--tls-cert=${at("cert.pem")}`, `--tls-key=${at("key.pem")}`, `--cds-url=https://${HOST}`, `--cds-ca=${at("authority-ca.pem")}`, ...args,
    ],
    { ready: false },
  );
  const port = Number(/https:\/\/127\.0\.0\.1:(\d+)\//.exec(await serve.line(/probes and metrics/))?.[1]);
  const index = (): { configs: Record<string, { uid: string }> } => JSON.parse(readFileSync(at("store/clusters/default/index.json"), "utf8")) as never;
  await eventually(() => {
    try {
      return Object.keys(index().configs).length === gateways;
    } catch {
      return false; // not written yet
    }
  });
  const { configs } = index();
  const ring = createSecretKey(key);
  const tokens = numbers.map((n) => deriveToken(ring, { purpose: "config", cluster: "default", namespace: "media", name: `gw-${n}`, uid: configs[`media/gw-${n}`]?.uid ?? "" }));
  return {
    port,
    secure: (n) => ({ tls: { ca, servername: HOST }, token: tokens[n] ?? "" }),
    edit: (n, listens) => writeFileSync(at("m", `gw-${n}.yaml`), gateway(`gw-${n}`, { port: listens })),
    measure: serve.measure,
    async stop() {
      await serve.stop();
      await remove();
    },
  };
}
