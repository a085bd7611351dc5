import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";

const here = import.meta.dirname;

/** The servers of the test cluster are not on this machine. The message is one line and says how to get them. */
export class ServersNotInstalled extends Error {
  readonly code = "ServersNotInstalled";
  readonly retryable = false;

  constructor(missing: readonly string[]) {
    super(`test cluster: ${missing.join(", ")} not installed; run test/cluster/install.sh (about 10 minutes, once)`);
    this.name = "ServersNotInstalled";
  }
}

/** Gateway API as it is installed: 1.0 (experimental channel, where UDPRoute is v1alpha2), or the newest in either channel. */
export type GatewayApi = "1.0" | "newest" | "newest-experimental";

/** Where install.sh puts things; every path is absolute. */
export interface Binaries {
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly kubectl: string;
  /** Directories of Gateway API CRDs. */
  readonly gatewayApi: Readonly<Record<GatewayApi, string>>;
}

/** @throws {ServersNotInstalled} where something of it is missing */
export function findBinaries(): Binaries {
  const binaries = expected();
  const missing = missingFrom(binaries);
  if (missing.length > 0) throw new ServersNotInstalled(missing);
  return binaries;
}

/** Why there can be no test cluster here; undefined where there can. */
export function whyNoCluster(): string | undefined {
  const missing = missingFrom(expected());
  return missing.length > 0 ? new ServersNotInstalled(missing).message : undefined;
}

function missingFrom({ gatewayApi, ...programs }: Binaries): string[] {
  const files = [...Object.values(programs), ...new Set(Object.values(gatewayApi))];
  return files.filter((file) => !existsSync(file)).map((file) => file.slice(cacheDirectory().length + 1).split("/")[0] ?? file);
}

function expected(): Binaries {
  const versions = parseEnv(readFileSync(join(here, "versions.env"), "utf8"));
  const modules = readFileSync(join(here, "go/go.mod"), "utf8");
  const versionOf = (module: string): string => new RegExp(`\\s${module} v(\\S+)`).exec(modules)?.[1] ?? "unknown";
  const program = (name: string, module: string): string => join(cacheDirectory(), `${name}-${versionOf(module)}`, name);
  const crds = (version: string, channel: string): string => join(cacheDirectory(), `gateway-api-${versions[version]}`, channel);
  return {
    etcd: program("etcd", "go.etcd.io/etcd/server/v3"),
    apiServer: program("kube-apiserver", "k8s.io/kubernetes"),
    controllerManager: program("kube-controller-manager", "k8s.io/kubernetes"),
    kubectl: program("kubectl", "k8s.io/kubernetes"),
    gatewayApi: {
      "1.0": crds("GATEWAY_API_OLD", "experimental"),
      newest: crds("GATEWAY_API_NEW", "standard"),
      "newest-experimental": crds("GATEWAY_API_NEW", "experimental"),
    },
  };
}

function cacheDirectory(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "stunner-serverless");
}
