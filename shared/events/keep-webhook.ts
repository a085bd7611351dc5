import * as z from "zod/mini";
import { sameJson } from "../apply/json.ts";
import type { KubeClient } from "../kube/client.ts";
import { KubeError } from "../kube/errors.ts";
import { FIELD_MANAGER } from "../render/managed-fields.ts";
import type { References } from "../state/live/references.ts";
import { leadsTo } from "./event-path.ts";
import { WEBHOOK_NAME, webhookScope } from "./webhook-scope.ts";

const API_VERSION = "admissionregistration.k8s.io/v1";

const liveSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  webhooks: z.optional(z.array(z.looseObject({
    name: z.string(),
    clientConfig: z.optional(z.looseObject({ url: z.optional(z.string()), service: z.optional(z.looseObject({ path: z.optional(z.string()) })) })),
    namespaceSelector: z.optional(z.unknown()),
    objectSelector: z.optional(z.unknown()),
  }))),
});

/**
 * Keeps the webhook at what is referred to (DESIGN.md 4.4). A webhook that is not there, whose parts are not ours, or that tells
 * another installation is left alone: it is the user who installs it.
 * @param options.cluster name of the cluster in the store: the webhook's URL has it
 * @param options.permit awaited before the write: under the lease
 * @throws {KubeError} the webhook cannot be read or written; a conflict is for the next pass
 */
export async function keepWebhook(
  client: KubeClient,
  references: Pick<References, "backends" | "secrets">,
  options: { readonly cluster: string; readonly dryRun?: boolean; readonly permit?: () => Promise<void> },
): Promise<"absent" | "unchanged" | "updated"> {
  const { cluster, dryRun = false, permit } = options;
  const path = `/apis/${API_VERSION}/validatingwebhookconfigurations/${WEBHOOK_NAME}`;
  const live = await readIfThere(client, path);
  const telling = live?.webhooks?.filter(({ clientConfig }) => leadsTo(clientConfig?.url ?? clientConfig?.service?.path ?? "", cluster));
  const parts = new Map(telling?.map((one) => [one.name, one]));
  const scope = webhookScope(references).filter((one) => parts.has(one.name));
  if (!live || scope.length === 0) return "absent";
  const isKept = scope.every(
    (one) => sameJson(parts.get(one.name)?.namespaceSelector, one.namespaceSelector) && (!one.objectSelector || sameJson(parts.get(one.name)?.objectSelector, one.objectSelector)),
  );
  if (isKept) return "unchanged";
  await client.request({
    method: "PATCH",
    path,
    query: { fieldManager: FIELD_MANAGER, force: "true", ...(dryRun ? { dryRun: "All" } : {}) },
    contentType: "application/apply-patch+yaml",
    body: {
      apiVersion: API_VERSION,
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: WEBHOOK_NAME, resourceVersion: live.metadata.resourceVersion },
      webhooks: scope,
    },
    permit,
  });
  return "updated";
}

async function readIfThere(client: KubeClient, path: string): Promise<z.infer<typeof liveSchema> | undefined> {
  try {
    const { body } = await client.request({ method: "GET", path });
    return liveSchema.safeParse(body).data;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}
