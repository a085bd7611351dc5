import { writeFileSync } from "node:fs";
import type { Credentials } from "./transport.ts";

/** Writes a kubeconfig; JSON is YAML. A server without TLS gets no certificate authority, and has to be asked for. */
export function writeKubeconfig(path: string, server: string, ca: string, credentials: Credentials): string {
  const trust = server.startsWith("https:") ? { "certificate-authority-data": base64(ca) } : { "insecure-skip-tls-verify": true };
  const user =
    "token" in credentials
      ? { token: credentials.token }
      : { "client-certificate-data": base64(credentials.certificate), "client-key-data": base64(credentials.key) };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    clusters: [{ name: "test", cluster: { server, ...trust } }],
    users: [{ name: "test", user }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
  };
  writeFileSync(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  return path;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
