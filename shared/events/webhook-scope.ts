import { SERVICE_NAME_LABEL } from "../resources/constants.ts";
import type { References } from "../state/live/references.ts";

/** Default name of the ValidatingWebhookConfiguration that sends events (DESIGN.md 4.4). */
export const WEBHOOK_NAME = "stunner-serverless-events";

/** Names of its webhooks; API servers want three parts or more. */
export const WEBHOOKS = {
  gatewayApi: "gateway-api.events.stunner-serverless.l7mp.io",
  kinds: "kinds.events.stunner-serverless.l7mp.io",
  services: "services.events.stunner-serverless.l7mp.io",
  endpointSlices: "endpoint-slices.events.stunner-serverless.l7mp.io",
  secrets: "secrets.events.stunner-serverless.l7mp.io",
  owned: "owned.events.stunner-serverless.l7mp.io",
} as const;

/** A LabelSelector, as far as it is used here. */
export interface Selector {
  readonly matchExpressions: readonly SelectorTerm[];
}

interface SelectorTerm {
  readonly key: string;
  readonly operator: "In" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

/** Which writes a webhook tells of. */
export interface WebhookScope {
  readonly name: string;
  readonly namespaceSelector: Selector;
  readonly objectSelector?: Selector;
}

/** Every namespace has this label, with its own name. */
const NAMESPACE_LABEL = "kubernetes.io/metadata.name";
/** A selector of more names is longer than what it saves; then everything in the namespaces is told of. */
const MOST_NAMES = 1000;

/**
 * The webhooks that a pass keeps at what was referred to: Services in the namespaces that routes refer to, EndpointSlices
 * there of the very Services, and, where the user asked for them, Secrets in the namespaces of those that are used.
 * Where nothing is referred to, nothing is told of.
 */
export function webhookScope({ backends, secrets }: Pick<References, "backends" | "secrets">): WebhookScope[] {
  const services = distinct([...backends].map((key) => key.split("/")[1] ?? ""));
  const namespaceSelector = selector(NAMESPACE_LABEL, namespacesOf(backends));
  const objectSelector: Selector =
    services.length > MOST_NAMES ? { matchExpressions: [{ key: SERVICE_NAME_LABEL, operator: "Exists" }] } : selector(SERVICE_NAME_LABEL, services);
  return [
    { name: WEBHOOKS.services, namespaceSelector },
    { name: WEBHOOKS.endpointSlices, namespaceSelector, objectSelector },
    { name: WEBHOOKS.secrets, namespaceSelector: selector(NAMESPACE_LABEL, namespacesOf(secrets)) },
  ];
}

function namespacesOf(keys: ReadonlySet<string>): string[] {
  return distinct([...keys].map((key) => key.split("/")[0] ?? ""));
}

/** An empty list of values is not allowed. That the label is missing matches no namespace: the API server sets it. */
function selector(key: string, values: readonly string[]): Selector {
  return { matchExpressions: [values.length === 0 ? { key, operator: "DoesNotExist" } : { key, operator: "In", values }] };
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
