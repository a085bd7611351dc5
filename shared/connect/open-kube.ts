import { environmentRegion } from "../aws/credentials.ts";
import type { KubeClient } from "../kube/client.ts";
import { KubeError } from "../kube/errors.ts";
import { createKubeClient } from "../kube/https-client.ts";
import { eksTokens } from "./eks.ts";
import { gkeTokens } from "./gke.ts";
import { type ApiConnect, type CloudConnect, InvalidConnection, kubeConfigOfFile, kubeConfigOfToken, kubeConfigOfTokens } from "./kube-config.ts";
import type { ClusterTokens } from "./token-provider.ts";

export interface OpenKube {
  readonly client: KubeClient;
  /** URL of the API server. */
  readonly server: string;
}

/**
 * Opens what a list of clusters says how to reach. Nothing is asked yet.
 * @param given where a path comes from, for errors
 * @throws {InvalidConnection}
 */
export function openKube(connect: ApiConnect, given: string): OpenKube {
  if (connect.type === "eks" || connect.type === "gke") return { client: openCloud(connect, tokensOf(connect)), server: connect.server };
  const config = connect.type === "token" ? kubeConfigOfToken(connect) : kubeConfigOfFile(connect, given);
  return { client: createKubeClient(config), server: config.getCurrentCluster()?.server ?? "" };
}

function tokensOf(connect: CloudConnect): ClusterTokens {
  if (connect.type === "gke") return gkeTokens();
  const region = connect.region ?? environmentRegion();
  if (region === undefined) throw new InvalidConnection(`EKS cluster ${connect.cluster}: give its region`);
  return eksTokens({ cluster: connect.cluster, region });
}

/** Asks once more, with another token, where the server does not take one that should be good: clocks differ, roles are changed. */
export function openCloud(connect: CloudConnect, tokens: ClusterTokens): KubeClient {
  let used = "";
  const config = kubeConfigOfTokens(connect, {
    async get() {
      used = await tokens.get();
      return used;
    },
  });
  const client = createKubeClient(config);
  return {
    ...client,
    async request(request) {
      try {
        return await client.request(request);
      } catch (error) {
        if (!(error instanceof KubeError) || error.status !== 401) throw error;
        tokens.drop(used);
        return client.request(request);
      }
    },
  };
}
