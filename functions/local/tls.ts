import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Server } from "node:https";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { CommandFailure } from "./fail.ts";
import { followFiles, readNamed } from "./follow-files.ts";
import type { Logger } from "./log.ts";

/** A certificate chain and its key, and the files that they come from. */
export interface TlsPair {
  readonly paths: readonly [cert: string, key: string];
  /** In PEM. The key is a secret. */
  readonly contents: readonly [cert: Buffer, key: Buffer];
}

/**
 * Reads certificate and key.
 * @returns undefined where neither is given
 * @throws {CommandFailure} naming the setting
 */
export async function readTls({ tlsCert, tlsKey }: { tlsCert: string; tlsKey: string }): Promise<TlsPair | undefined> {
  if (tlsCert === "" && tlsKey === "") return undefined;
  const contents: TlsPair["contents"] = [await readNamed(`--tls-cert=${tlsCert}`, tlsCert), await readNamed(`--tls-key=${tlsKey}`, tlsKey)];
  const fault = faultOf(contents);
  if (fault) throw new CommandFailure(fault);
  return { paths: [tlsCert, tlsKey], contents };
}

/** What a server needs. Not below TLS 1.2 (RFC 8996). */
export function secureOptions([cert, key]: TlsPair["contents"]): SecureContextOptions {
  return { cert, key, minVersion: "TLSv1.2" };
}

/**
 * Takes every new pair for connections to come. One that cannot be used leaves the old one.
 * @returns how to stop
 */
export function followTls(server: Pick<Server, "setSecureContext">, { paths, contents }: TlsPair, log: Pick<Logger, "info" | "warn">, periodMs?: number): () => void {
  return followFiles(paths, {
    first: contents,
    onChange([cert = NOTHING, key = NOTHING]) {
      const fault = faultOf([cert, key]);
      if (fault) return void log.warn(`the certificate stays as it was: ${fault}`);
      server.setSecureContext(secureOptions([cert, key]));
      log.info(`the certificate is another one now, valid until ${new X509Certificate(cert).validTo}`);
    },
    onError: (reason) => log.warn(`the certificate stays as it was: ${paths.join(" or ")}: ${reason}`),
    ...(periodMs === undefined ? {} : { periodMs }),
  });
}

const NOTHING = Buffer.alloc(0);

/** What is wrong with a pair, with the setting that it comes from; undefined: nothing. */
function faultOf(contents: TlsPair["contents"]): string | undefined {
  const [cert, key] = contents;
  const certificate = tried(() => new X509Certificate(cert));
  if (!certificate) return "--tls-cert: there is no certificate in PEM in it";
  const secret = tried(() => createPrivateKey(key));
  if (!secret) return "--tls-key: there is no private key in PEM in it, or it has a passphrase";
  if (!certificate.checkPrivateKey(secret)) return "--tls-key: it is not the key of the certificate in --tls-cert";
  return tried(() => createSecureContext(secureOptions(contents))) ? undefined : "--tls-cert: the certificate cannot be used by a server";
}

/** The errors of OpenSSL say nothing to anybody. */
function tried<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
