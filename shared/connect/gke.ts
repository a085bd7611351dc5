import { metadataTokens } from "../google/token.ts";
import type { ClusterTokens } from "./token-provider.ts";

/**
 * Tokens for the API server of a GKE cluster: those of the function's own service account, which GKE knows (GKE, "Authenticate to
 * the Kubernetes API server").
 */
export function gkeTokens(): ClusterTokens {
  return metadataTokens();
}
