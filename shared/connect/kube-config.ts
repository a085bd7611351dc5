import { KubeConfig, type User } from "@kubernetes/client-node";
import type { Connect } from "../settings/clusters.ts";
import type { ClusterTokens } from "./token-provider.ts";

/** How an API server is reached. */
export type ApiConnect = Exclude<Connect, { readonly type: "directory" }>;
type FileConnect = Extract<ApiConnect, { readonly type: "kubeconfig" }>;
type TokenConnect = Extract<ApiConnect, { readonly type: "token" }>;
/** Those whose tokens a cloud gives out, for a while. */
export type CloudConnect = Exclude<ApiConnect, FileConnect | TokenConnect>;

/** What says how a cluster is reached cannot be used. The message holds no secret. */
export class InvalidConnection extends Error {
  readonly code = "InvalidConnection";
  readonly retryable = false;

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = "InvalidConnection";
  }
}

/** @param given where the path comes from, for errors @throws {InvalidConnection} it cannot be read, or does not say which cluster is meant */
export function kubeConfigOfFile({ path, context }: FileConnect, given: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(path);
  } catch (error) {
    throw new InvalidConnection(`${given}: cannot be read as a kubeconfig: ${error instanceof Error ? error.message : "unknown"}`, error);
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster()) return config;
  throw new InvalidConnection(`${given}: has no cluster for its current context "${config.getCurrentContext()}"`);
}

/** A token in a file is read again now and then: those of service accounts expire. */
export function kubeConfigOfToken({ token, tokenFile, ...connect }: TokenConnect): KubeConfig {
  const user = tokenFile === undefined ? { name: USER, token: token ?? "" } : { name: USER, authProvider: { name: "tokenFile", config: { tokenFile } } };
  return ofServer(connect, user);
}

/** Each request has the token of its time. */
export function kubeConfigOfTokens(connect: CloudConnect, tokens: Pick<ClusterTokens, "get">): KubeConfig {
  const config = ofServer(connect, { name: USER });
  config.addAuthenticator({
    isAuthProvider: ({ name }) => name === USER,
    async applyAuthentication(_user, options) {
      options.headers = { ...options.headers, Authorization: `Bearer ${await tokens.get()}` };
    },
  });
  return config;
}

const USER = "user";

function ofServer({ server, ca }: Omit<TokenConnect, "token" | "tokenFile" | "type">, user: User): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: "cluster", server, skipTLSVerify: false, ...(ca === undefined ? {} : { caData: base64(ca) }) }],
    users: [user],
    contexts: [{ name: "context", cluster: "cluster", user: user.name }],
    currentContext: "context",
  });
  return config;
}

/** PEM as it is, or in base64 as a kubeconfig has it. */
function base64(pem: string): string {
  return pem.includes("-----BEGIN") ? Buffer.from(pem).toString("base64") : pem;
}
