import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Certificate chain and key, and the authority that signed, all PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export interface Authority {
  readonly ca: string;
  /** @param days until it ends; negative: it has ended */
  sign(host: string, days?: number): Identity;
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** An authority of openssl's making. @param directory for its files */
export function createAuthority(directory: string, name: string): Authority {
  const file = (suffix: string): string => join(directory, `${name}-${suffix}`);
  openssl("req", "-x509", ...KEY, "-keyout", file("ca.key"), "-out", file("ca.pem"), "-subj", `/CN=${name}`, "-days", "2");
  const ca = readFileSync(file("ca.pem"), "utf8");
  let count = 0;
  return {
    ca,
    sign(host, days = 1) {
      const of = (suffix: string): string => file(`${count}.${suffix}`);
      count += 1;
      const [key, csr, cert, extensions] = ["key", "csr", "pem", "ext"].map(of) as [string, string, string, string];
      writeFileSync(extensions, `subjectAltName=DNS:${host}\n`);
      openssl("req", ...KEY, "-keyout", key, "-out", csr, "-subj", `/CN=${host}`);
      openssl("x509", "-req", "-in", csr, "-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-days", String(days), "-extfile", extensions, "-out", cert);
      return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8"), ca };
    },
  };
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}
