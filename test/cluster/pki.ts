import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** PEM texts. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** The keys of a cluster; the files lie in the directory that was given. */
export interface Pki {
  /** PEM of the certificate authority, for servers and clients. */
  readonly ca: string;
  readonly files: {
    readonly ca: string;
    readonly serverCertificate: string;
    readonly serverKey: string;
    readonly serviceAccountKey: string;
    readonly serviceAccountPublicKey: string;
  };
  /** A certificate with which a client is `user` in `groups`. */
  issue(user: string, groups: readonly string[]): Promise<Certificate>;
}

/** Makes a certificate authority, a server certificate for 127.0.0.1 and the key for service account tokens. */
export async function createPki(directory: string): Promise<Pki> {
  const file = (name: string): string => join(directory, name);
  await openssl(["-keyout", file("ca.key"), "-out", file("ca.crt"), "-subj", "/CN=test-cluster"]);
  const signed = (name: string, subject: string, extension: string): Promise<unknown> =>
    openssl([
      "-CA",
      file("ca.crt"),
      "-CAkey",
      file("ca.key"),
      "-keyout",
      file(`${name}.key`),
      "-out",
      file(`${name}.crt`),
      "-subj",
      subject,
      "-addext",
      extension,
    ]);
  await signed("server", "/CN=kube-apiserver", "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc");
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(file("sa.key"), privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  writeFileSync(file("sa.pub"), publicKey.export({ type: "spki", format: "pem" }));
  let issued = 0;
  return {
    ca: readFileSync(file("ca.crt"), "utf8"),
    files: {
      ca: file("ca.crt"),
      serverCertificate: file("server.crt"),
      serverKey: file("server.key"),
      serviceAccountKey: file("sa.key"),
      serviceAccountPublicKey: file("sa.pub"),
    },
    async issue(user, groups) {
      const name = `client-${(issued += 1)}`;
      const subject = [...groups.map((group) => `/O=${escape(group)}`), `/CN=${escape(user)}`].join("");
      await signed(name, subject, "extendedKeyUsage=clientAuth");
      return { certificate: readFileSync(file(`${name}.crt`), "utf8"), key: readFileSync(file(`${name}.key`), "utf8") };
    },
  };
}

function openssl(args: readonly string[]): Promise<unknown> {
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "30"];
  return run("openssl", ["req", "-x509", ...kind, ...args]);
}

const escape = (text: string): string => text.replaceAll(/[\\/+=]/g, String.raw`\$&`);
