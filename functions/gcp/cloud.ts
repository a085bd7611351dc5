import type { SendOptions } from "../../shared/cloud/send.ts";
import { type GoogleTokenSource, metadataTokens } from "../../shared/google/token.ts";
import { createCloudTasksQueue } from "../../shared/queue/cloud-tasks.ts";
import { readGoogleSecret } from "../../shared/secrets/google.ts";
import type { Cloud } from "../../shared/serverless/cloud.ts";
import type { Environment } from "../../shared/settings.ts";
import { createGsStore } from "../../shared/store/gs.ts";
import { parseGsUrl } from "../../shared/store/gs-location.ts";

/** Somebody waits for most functions: they give up early, and whoever asks asks again. */
const SENDING: SendOptions = { attempts: 4, timeout: 3_000 };
/** Cloud Storage refuses what comes less than a second after the write before: that has to be waited out. */
const STORING: SendOptions = { attempts: 6, timeout: 3_000 };

/**
 * Google Cloud, as Terraform describes it to a function: Cloud Storage; Cloud Tasks with the path of a queue in STUNNER_QUEUE_URL,
 * where its tasks go in STUNNER_RECONCILE_URL, and as which service account they come in STUNNER_QUEUE_ACCOUNT; Secret Manager.
 * STUNNER_QUEUE_ENDPOINT and STUNNER_SECRETS_ENDPOINT stand for Google's own, for tests. Pods are pushed to (DESIGN.md 4.3).
 */
export function googleCloud(given: Environment): Cloud {
  const all = metadataTokens(given);
  const at = (endpoint: string | undefined): { tokens?: GoogleTokenSource; endpoint?: string } =>
    endpoint ? { endpoint, ...(isPrivate(endpoint) ? { tokens: all } : {}) } : { tokens: all };
  return {
    // Objects of Cloud Storage take a write a second, and each pass writes some.
    env: { STUNNER_DELIVERY: "proxy", STUNNER_THROTTLE_TIMEOUT: "1s", ...given },
    readSecret: (id) => readGoogleSecret(id, { tokens: all, ...at(given["STUNNER_SECRETS_ENDPOINT"]), sending: SENDING }),
    openStore(url) {
      const location = parseGsUrl(url);
      return createGsStore(location, { ...(isPrivate(location.origin) ? { tokens: all } : {}), sending: STORING });
    },
    openQueue: () =>
      createCloudTasksQueue({
        queue: given["STUNNER_QUEUE_URL"] ?? "",
        target: given["STUNNER_RECONCILE_URL"] ?? "",
        serviceAccount: given["STUNNER_QUEUE_ACCOUNT"] ?? "",
        ...at(given["STUNNER_QUEUE_ENDPOINT"]),
        sending: SENDING,
      }),
  };
}

/** Whether nobody on the way can read a token that is sent there. */
function isPrivate(endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint);
  return protocol === "https:" || hostname === "127.0.0.1" || hostname === "[::1]";
}
