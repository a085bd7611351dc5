import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApiServer } from "./api-server.ts";
import { createAuditLog, type AuditLog } from "./audit.ts";
import { findBinaries, type Binaries, type GatewayApi } from "./binaries.ts";
import { createClient, type ClusterClient } from "./client.ts";
import { CONTROLLERS, startControllerManager } from "./controller-manager.ts";
import { installCrds, PROJECT_CRDS, readCrds } from "./crds.ts";
import { startEtcd } from "./etcd.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { createPki, type Pki } from "./pki.ts";
import { ProgramFailed, type Program } from "./program.ts";
import { resetTo, takeBaseline } from "./reset.ts";
import { reference } from "./resource.ts";
import type { Credentials } from "./transport.ts";

export interface ClusterOptions {
  readonly gatewayApi: GatewayApi;
  /** Whether a controller manager runs, and which of its controllers; by default `CONTROLLERS`. */
  readonly controllerManager?: boolean | readonly string[];
  readonly auditLog?: boolean;
  /** Whether the project's and Gateway API's CRDs are installed; by default they are. */
  readonly crds?: boolean;
}

/** A user, known to the API server by a certificate or a token. */
export type Identity = { readonly user: string; readonly groups?: readonly string[] } | { readonly token: string };

/** A real, empty cluster without nodes. The cluster itself is a client with all rights. */
export interface Cluster extends ClusterClient {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly adminToken: string;
  /** Path of a kubeconfig with all rights. */
  readonly kubeconfig: string;
  /** Path of `kubectl`. */
  readonly kubectl: string;
  /** Path of a kubeconfig for somebody; `server` puts a proxy in front (a certificate does not pass one, a token does). */
  kubeconfigFor(identity: Identity, server?: string): Promise<string>;
  /** A client for somebody; `system:masters` among the groups gives all rights. */
  as(identity: Identity): Promise<ClusterClient>;
  /** A token of a service account, which is made where there is none. It has the rights that roles bind to it. */
  serviceAccountToken(namespace: string, name: string): Promise<string>;
  /** @throws {Error} where the cluster was started without `auditLog` */
  audit(): AuditLog;
  /** Deletes everything that came after the start, CRDs too. Stop who writes first. */
  reset(): Promise<void>;
  /** Ends the servers and removes their files. */
  stop(): Promise<void>;
}

const STARTS = 3;

/** For suites that hold with any Gateway API: the one that GATEWAY_API (`1.0`, `newest`, `other` than usual) asks for, else `initial`. */
export function gatewayApiOr(initial: GatewayApi): GatewayApi {
  const text = process.env["GATEWAY_API"];
  const asked = text === "other" ? (initial === "1.0" ? "newest" : "1.0") : text;
  if (asked !== undefined && asked !== "" && asked !== "1.0" && asked !== "newest") throw new Error(`GATEWAY_API=${asked}: 1.0, newest and other are known`);
  // Who uses UDPRoutes of v1alpha2 finds them in the experimental channel of the newest.
  if (asked === "newest" && initial === "1.0") return "newest-experimental";
  return asked || initial;
}

/**
 * Starts etcd, an API server with RBAC and, where asked for, a controller manager, on free ports, and installs the CRDs.
 * @throws {ServersNotInstalled} where install.sh has not run
 * @throws {ProgramFailed} where a server does not get ready
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const binaries = findBinaries();
  for (let left = STARTS; ; left -= 1) {
    const running: Program[] = [];
    try {
      return await start(options, binaries, running);
    } catch (error) {
      await stopAll(running);
      // Between looking for a free port and listening there, somebody else may have taken it.
      if (!(error instanceof ProgramFailed) || left <= 1) throw error;
    }
  }
}

async function start(options: ClusterOptions, binaries: Binaries, running: Program[]): Promise<Cluster> {
  const { gatewayApi, controllerManager = false, auditLog = false, crds = true } = options;
  const directory = mkdtempSync(join(tmpdir(), "stunner-cluster-"));
  const etcd = await startEtcd(binaries.etcd, directory);
  running.push(etcd);
  const pki = await createPki(directory);
  const adminToken = `Planted-${randomBytes(16).toString("hex")}`;
  const audit = auditLog ? join(directory, "audit.log") : undefined;
  const server = { command: binaries.apiServer, directory, etcd: etcd.url, pki, adminToken, audit };
  const apiServer = await startApiServer({ ...server, serviceAccounts: controllerManager !== false });
  running.push(apiServer);
  const users = createUsers(apiServer.url, pki, directory);
  const admin = await users.as({ token: adminToken });
  if (crds) await installCrds(admin, [...readCrds(binaries.gatewayApi[gatewayApi]), ...readCrds(PROJECT_CRDS)]);
  if (controllerManager !== false) {
    const kubeconfig = await users.kubeconfigFor({ user: "system:kube-controller-manager", groups: ["system:masters"] });
    const controllers = controllerManager === true ? CONTROLLERS : controllerManager;
    const manager = { command: binaries.controllerManager, directory, kubeconfig, client: admin, controllers };
    running.push(await startControllerManager({ ...manager, serviceAccountKey: pki.files.serviceAccountKey }));
  }
  const log = audit === undefined ? undefined : createAuditLog(audit, admin);
  const baseline = await takeBaseline(admin);
  return {
    ...admin,
    ...users,
    url: apiServer.url,
    ca: pki.ca,
    adminToken,
    kubeconfig: await users.kubeconfigFor({ token: adminToken }),
    kubectl: binaries.kubectl,
    serviceAccountToken: (namespace, name) => serviceAccountToken(admin, namespace, name),
    audit() {
      if (!log) throw new Error("the cluster was started without auditLog");
      return log;
    },
    reset: () => resetTo(admin, baseline),
    async stop() {
      users.closeAll();
      await stopAll(running);
    },
  };
}

/** etcd last: it removes the directory. */
async function stopAll(running: Program[]): Promise<void> {
  for (const program of running.splice(0).reverse()) await program.stop();
}

function createUsers(url: string, pki: Pki, directory: string): Pick<Cluster, "as" | "kubeconfigFor"> & { closeAll(): void } {
  const clients: ClusterClient[] = [];
  const kubeconfigs = join(directory, "kubeconfigs");
  mkdirSync(kubeconfigs);
  let written = 0;
  const credentialsOf = async (identity: Identity): Promise<Credentials> =>
    "token" in identity ? identity : pki.issue(identity.user, identity.groups ?? []);
  return {
    async as(identity) {
      const userAgent = "user" in identity ? identity.user : "test";
      const client = createClient({ url, ca: pki.ca, credentials: await credentialsOf(identity), userAgent });
      clients.push(client);
      return client;
    },
    async kubeconfigFor(identity, server = url) {
      const path = join(kubeconfigs, `${(written += 1)}.json`);
      return writeKubeconfig(path, server, pki.ca, await credentialsOf(identity));
    },
    closeAll() {
      for (const client of clients) client.close();
    },
  };
}

async function serviceAccountToken(admin: ClusterClient, namespace: string, name: string): Promise<string> {
  const account = reference("v1", "ServiceAccount", name, namespace);
  await admin.apply(account);
  const path = await admin.discovery.pathOf(account, "token");
  const { body } = await admin.request("POST", path, { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} });
  return (body as { status: { token: string } }).status.token;
}
