import { eventPath } from "../../shared/events/event-path.ts";
import { WEBHOOK_NAME, WEBHOOKS, webhookScope } from "../../shared/events/webhook-scope.ts";
import { GATEWAY_GROUP, OWNED_BY_LABEL, OWNED_BY_VALUE, STUNNER_GROUP } from "../../shared/resources/constants.ts";

export interface WebhookOptions {
  /** `https://host[:port][/prefix]` of the event function; a webhook's URL may have no query and no user. */
  readonly url: string;
  /** Name of the cluster in the object store. */
  readonly cluster: string;
  /** A secret, and part of the URL: who may read the configuration may send events, which are hints and no more. */
  readonly token: string;
  /** PEM of the authority that signed the endpoint's certificate; absent: one that the API server trusts. */
  readonly ca?: string;
  /** Whether Secrets are sent, contents and all, from the namespaces in which some are used. */
  readonly secrets: boolean;
  readonly name?: string;
}

const GROUPS = [GATEWAY_GROUP, STUNNER_GROUP];
const EVERY_WRITE = ["CREATE", "UPDATE", "DELETE"];

/**
 * The webhook that sends events (DESIGN.md 4.4): it may warn and, where that is asked for, refuse; where the endpoint
 * cannot be reached the write goes on. Services, EndpointSlices and Secrets are told of from nowhere until a pass knows what is referred to.
 */
export function eventWebhook(options: WebhookOptions): object {
  const { url, cluster, token, ca, secrets, name = WEBHOOK_NAME } = options;
  const caBundle = ca === undefined ? {} : { caBundle: Buffer.from(ca).toString("base64") };
  const always = {
    admissionReviewVersions: ["v1"],
    clientConfig: { url: `${url.replace(/\/$/, "")}${eventPath({ cluster, token })}`, ...caBundle },
    failurePolicy: "Ignore",
    matchPolicy: "Equivalent",
    sideEffects: "NoneOnDryRun",
    timeoutSeconds: 1,
  };
  const nowhere = new Map(webhookScope({ backends: new Set(), secrets: new Set() }).map((one) => [one.name, one]));
  const webhooks = [
    {
      name: WEBHOOKS.gatewayApi,
      rules: [
        rule(GATEWAY_GROUP, ["gatewayclasses", "gateways", "referencegrants", "udproutes"]),
        rule(STUNNER_GROUP, ["dataplanes", "gatewayconfigs", "staticservices", "udproutes"]),
      ],
    },
    {
      name: WEBHOOKS.kinds,
      rules: [rule("apiextensions.k8s.io", ["customresourcedefinitions"])],
      matchConditions: [{ name: "of-our-groups", expression: GROUPS.map((group) => `request.name.endsWith(".${group}")`).join(" || ") }],
    },
    { ...nowhere.get(WEBHOOKS.services), rules: [rule("", ["services"])] },
    { ...nowhere.get(WEBHOOKS.endpointSlices), rules: [rule("discovery.k8s.io", ["endpointslices"])] },
    ...(secrets ? [{ ...nowhere.get(WEBHOOKS.secrets), rules: [rule("", ["secrets"])] }] : []),
    {
      name: WEBHOOKS.owned,
      rules: [rule("", ["services"]), { ...rule("", ["services/status"]), operations: ["UPDATE"] }],
      objectSelector: { matchLabels: { [OWNED_BY_LABEL]: OWNED_BY_VALUE } },
    },
  ];
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name, labels: { "app.kubernetes.io/name": "stunner-serverless" } },
    webhooks: webhooks.map((one) => ({ ...one, ...always })),
  };
}

function rule(apiGroup: string, resources: readonly string[]) {
  return { apiGroups: [apiGroup], apiVersions: ["*"], operations: EVERY_WRITE, resources, scope: "*" };
}
