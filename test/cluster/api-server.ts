import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Pki } from "./pki.ts";
import { freePorts } from "./ports.ts";
import { startProgram, type Program } from "./program.ts";
import { createTransport } from "./transport.ts";

export interface ApiServer extends Program {
  readonly url: string;
}

export interface ApiServerOptions {
  readonly command: string;
  readonly directory: string;
  readonly etcd: string;
  readonly pki: Pki;
  readonly adminToken: string;
  /** File for the audit log. */
  readonly audit: string | undefined;
  /** Whether pods need a service account, which a controller manager makes. */
  readonly serviceAccounts: boolean;
}

/** Starts an API server with RBAC and waits until it is ready. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { command, directory, pki, adminToken } = options;
  const [port = 0] = await freePorts(1);
  const url = `https://127.0.0.1:${port}`;
  writeFileSync(join(directory, "tokens.csv"), `${adminToken},admin,admin,system:masters\n`, { mode: 0o600 });
  const program = startProgram("kube-apiserver", { command, args: flags(options, port), directory });
  const transport = createTransport({ url, ca: pki.ca, credentials: { token: adminToken }, userAgent: "test-cluster" });
  const isReady = (): Promise<boolean> => transport.send("GET", "/readyz").then(({ status }) => status === 200, () => false);
  await program.ready(isReady, 60_000).finally(() => transport.close());
  return { ...program, url };
}

function flags({ directory, etcd, pki, audit, serviceAccounts }: ApiServerOptions, port: number): string[] {
  const { files } = pki;
  const policy = join(import.meta.dirname, "audit-policy.yaml");
  const auditFlags = [`--audit-log-path=${audit}`, `--audit-policy-file=${policy}`, "--audit-log-maxsize=100000"];
  return [
    `--etcd-servers=${etcd}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    // No node ever connects: an address of the documentation range keeps the server from looking for one of this machine.
    "--advertise-address=192.0.2.1",
    "--endpoint-reconciler-type=none",
    `--tls-cert-file=${files.serverCertificate}`,
    `--tls-private-key-file=${files.serverKey}`,
    `--cert-dir=${directory}`,
    `--client-ca-file=${files.ca}`,
    `--token-auth-file=${join(directory, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${files.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    // Both families, so that a controller can change ipFamilies; a Service that does not ask has IPv4 alone.
    "--service-cluster-ip-range=10.0.0.0/16,fd00:10:96::/112",
    "--allow-privileged=true",
    "--profiling=false",
    ...(serviceAccounts ? [] : ["--disable-admission-plugins=ServiceAccount"]),
    ...(audit === undefined ? [] : auditFlags),
  ];
}
