import { CloudError } from "../cloud/errors.ts";
import { createExpiring } from "../cloud/expiring.ts";
import { send } from "../cloud/send.ts";
import { readContainerCredentials } from "./container-credentials.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Where credentials come from; to be asked at every use, since they rotate. */
export interface AwsCredentialSource {
  /** @throws {CloudError} */
  get(): Promise<AwsCredentials>;
  /** The service said that these have expired. */
  drop(credentials: AwsCredentials): void;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const MARGIN = 5 * 60_000;

/**
 * Credentials as the environment gives them: AWS_ACCESS_KEY_ID and so on (Lambda), else the address of the container's
 * agent (ECS, Fargate, EKS Pod Identity).
 * @param env read at every use
 */
export function environmentCredentials(env: Environment = process.env): AwsCredentialSource {
  const container = createExpiring(() => readContainerCredentials(env, send), { margin: MARGIN });
  return {
    async get() {
      const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env;
      if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
      if (env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] || env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]) return container.get();
      throw new CloudError("find AWS credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or of a container", {
        code: "NoCredentials", status: 0, retryable: false, hint: '; `eval "$(aws configure export-credentials --format env)"` sets them',
      });
    },
    drop: (credentials) => container.drop(credentials),
  };
}

/** The region of the process; undefined: the environment names none. */
export function environmentRegion(env: Environment = process.env): string | undefined {
  return env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || undefined;
}
