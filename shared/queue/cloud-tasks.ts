import { hash } from "node:crypto";
import { CloudError } from "../cloud/errors.ts";
import type { SendOptions } from "../cloud/send.ts";
import { askGoogle, googleCode } from "../google/ask.ts";
import { type GoogleTokenSource, metadataTokens } from "../google/token.ts";
import { InvalidQueue } from "./errors.ts";
import { encodeMessage } from "./message.ts";
import { LOOK_DELAY_S, type PassMessage, type PassQueue, identityOf } from "./pass-queue.ts";

export interface CloudTasksOptions {
  /** `projects/P/locations/L/queues/Q` */
  readonly queue: string;
  /** Where tasks are posted: the function that passes. */
  readonly target: string;
  /** Service account whose identity token comes with each task; the function lets nobody else in. */
  readonly serviceAccount: string;
  /** Default: Google's; an endpoint without TLS gets no token. */
  readonly endpoint?: string;
  /** Default: those of the metadata server. */
  readonly tokens?: GoogleTokenSource;
  readonly sending?: SendOptions;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Cloud Tasks: the identity is the task's name, which exists once and is remembered for a while after it ran; second looks have
 * a time to be run at (Cloud Tasks REST, projects.locations.queues.tasks). Why not Pub/Sub: docs/decisions/0012.
 * @throws {InvalidQueue}
 */
export function createCloudTasksQueue(options: CloudTasksOptions): PassQueue {
  const { queue, target, serviceAccount, endpoint = "https://cloudtasks.googleapis.com", sending, now = Date.now } = options;
  if (!/^projects\/[^/\s]+\/locations\/[^/\s]+\/queues\/[\w-]+$/.test(queue)) throw new InvalidQueue("the queue must be projects/P/locations/L/queues/Q");
  if (!URL.canParse(target) || !/^https?:/.test(target)) throw new InvalidQueue("the target of tasks must be https://…");
  const tokens = options.tokens ?? (endpoint.startsWith("https:") ? metadataTokens() : undefined);
  return {
    async send(message: PassMessage) {
      const answer = await askGoogle({
        method: "POST",
        url: `${endpoint}/v2/${queue}/tasks`,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ task: taskOf(message) }),
      }, tokens, sending);
      // There is one of that name, or was a short while ago.
      if (answer.status === 200 || (answer.status === 409 && googleCode(answer) === "ALREADY_EXISTS")) return;
      throw new CloudError(`create a task for cluster ${message.cluster}`, { code: googleCode(answer), status: answer.status, cause: answer.cause });
    },
  };

  function taskOf(message: PassMessage): object {
    return {
      name: `${queue}/tasks/${taskId(identityOf(message, now()))}`,
      ...(message.look === undefined ? {} : { scheduleTime: new Date(now() + LOOK_DELAY_S * 1000).toISOString() }),
      httpRequest: {
        url: target,
        httpMethod: "POST",
        headers: { "Content-Type": "application/json" },
        body: Buffer.from(encodeMessage(message)).toString("base64"),
        oidcToken: { serviceAccountEmail: serviceAccount, audience: target },
      },
    };
  }
}

/** Of letters, digits, - and _ alone. What names begin with is spread, else Cloud Tasks gets slow; the rest is for people. */
function taskId(identity: string): string {
  return `${hash("sha256", identity, "hex").slice(0, 16)}-${identity.replaceAll(/[^\w-]/g, "-")}`;
}
