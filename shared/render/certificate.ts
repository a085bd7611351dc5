import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";

/** What is wrong with a certificate; `unusable` is left out of the config, the rest is only told. */
export interface CertificateFlaw {
  readonly unusable: boolean;
  readonly message: string;
}

const PEM_CERTIFICATE = "-----BEGIN CERTIFICATE-----";
const PEM = "-----BEGIN ";

/**
 * Whether stunnerd can use the pair: PEM, the first certificate belongs to the key, and it is valid at `now`
 * (improvements I40, spec/stunnerd.md 6.3). Undefined where nothing is wrong. Never repeats what it reads.
 * @param cert standard base64 of PEM text; `key` likewise
 * @param now milliseconds since the epoch
 */
export function certificateFlaw(cert: string, key: string, now: number): CertificateFlaw | undefined {
  const certificate = parse(cert, PEM_CERTIFICATE, (pem) => new X509Certificate(pem));
  if (!certificate) return { unusable: true, message: "the certificate is no PEM certificate" };
  const privateKey = parse(key, PEM, (pem): KeyObject => createPrivateKey(pem));
  if (!privateKey) return { unusable: true, message: "the private key is no unencrypted PEM private key" };
  if (!certificate.checkPrivateKey(privateKey)) {
    return { unusable: true, message: "the private key does not belong to the certificate" };
  }
  if (certificate.validToDate.getTime() < now) {
    return { unusable: false, message: `the certificate expired on ${certificate.validToDate.toISOString()}` };
  }
  if (certificate.validFromDate.getTime() > now) {
    return { unusable: false, message: `the certificate is not valid before ${certificate.validFromDate.toISOString()}` };
  }
  return undefined;
}

function parse<T>(base64: string, marker: string, read: (pem: string) => T): T | undefined {
  const pem = Buffer.from(base64, "base64").toString("latin1");
  if (!pem.includes(marker)) return undefined;
  try {
    return read(pem);
  } catch {
    // The cause may quote the material; that it cannot be read is all there is to say.
    return undefined;
  }
}
