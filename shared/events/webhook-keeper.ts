import { sameJson } from "../apply/json.ts";
import type { KubeClient } from "../kube/client.ts";
import { KubeError } from "../kube/errors.ts";
import type { Keep, Kept } from "../reconcile/keep.ts";
import type { References } from "../state/live/references.ts";
import { keepWebhook } from "./keep-webhook.ts";
import { WEBHOOK_NAME, type WebhookScope, webhookScope } from "./webhook-scope.ts";

export interface WebhookKeeperOptions {
  readonly client: KubeClient;
  /** Name in the store. */
  readonly cluster: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Writes are judged by the server and not kept. */
  readonly dryRun?: boolean;
  /** Whether it is known that events are to come by a webhook: that it may not be read is a problem then, and else none. */
  readonly isExpected: boolean;
}

/** Keeps the event webhook at what the last load referred to. */
export interface WebhookKeeper {
  loaded(references: Pick<References, "backends" | "secrets">): void;
  readonly keep: Keep;
}

/** Somebody else may have changed it, or installed it only now. */
const LOOK_EVERY_MS = 5 * 60 * 1000;
const NOTHING: Kept = { changes: [], problems: [] };
const OBJECT = `ValidatingWebhookConfiguration ${WEBHOOK_NAME}`;

/** Costs no request where what is referred to is the same as a short while ago, else one, and a second one to write. */
export function createWebhookKeeper({ client, cluster, now, dryRun = false, isExpected }: WebhookKeeperOptions): WebhookKeeper {
  let references: Pick<References, "backends" | "secrets"> | undefined;
  let last: { readonly scope: readonly WebhookScope[]; readonly at: number } | undefined;

  async function attempt(permit: () => Promise<void>): Promise<Kept> {
    if (!references) return NOTHING;
    const scope = webhookScope(references);
    if (last && sameJson(last.scope, scope) && now() - last.at < LOOK_EVERY_MS) return NOTHING;
    const outcome = await keepWebhook(client, references, { cluster, dryRun, permit });
    last = { scope, at: now() };
    return outcome === "updated" ? { ...NOTHING, changes: [{ operation: "updated", object: OBJECT, cause: "change" }] } : NOTHING;
  }

  return {
    loaded(found) {
      references = found;
    },
    async keep(permit) {
      try {
        // Who changed it meanwhile has done so by now.
        return await attempt(permit).catch((error: unknown) => (isConflict(error) ? attempt(permit) : Promise.reject(error)));
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        if (error.status === 403 && !isExpected) return NOTHING;
        return { ...NOTHING, problems: [{ severity: "warning", object: OBJECT, field: "", reason: "EventWebhook", message: messageOf(error) }] };
      }
    },
  };
}

function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409;
}

function messageOf({ code, status, right }: KubeError): string {
  const why = status === 0 ? "the API server gave no usable answer" : `the API server refused with status ${status}, ${code}`;
  const verb = right === undefined ? "" : `, here the verb ${right}`;
  const what = status === 403 ? `; the rights that \`manifests\` prints with --event-url are needed${verb}` : "";
  return `it cannot be kept at the namespaces that routes refer to, so that events from there may come late: ${why}${what}`;
}
