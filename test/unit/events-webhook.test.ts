import { describe, expect, it } from "vitest";
import { WEBHOOKS, webhookScope } from "../../shared/events/webhook-scope.ts";
import { eventWebhook } from "../../infra/webhook/webhook.ts";

const scopeOf = (backends: readonly string[], secrets: readonly string[] = []) =>
  new Map(webhookScope({ backends: new Set(backends), secrets: new Set(secrets) }).map(({ name, ...scope }) => [name, scope]));
const namespaces = (...values: string[]) => ({ matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] });
const services = (...values: string[]) => ({ matchExpressions: [{ key: "kubernetes.io/service-name", operator: "In", values }] });
const nowhere = { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "DoesNotExist" }] };

describe("the scope of the webhook", () => {
  it("is the namespaces that routes refer to, and there the slices of what they refer to", () => {
    const scope = scopeOf(["web/shop", "media/livekit", "media/janus"], ["stunner/auth"]);
    expect(scope.get(WEBHOOKS.services)).toEqual({ namespaceSelector: namespaces("media", "web") });
    expect(scope.get(WEBHOOKS.endpointSlices)).toEqual({ namespaceSelector: namespaces("media", "web"), objectSelector: services("janus", "livekit", "shop") });
    expect(scope.get(WEBHOOKS.secrets)).toEqual({ namespaceSelector: namespaces("stunner") });
  });

  it("is the same whatever the order", () => {
    expect(webhookScope({ backends: new Set(["b/x", "a/y"]), secrets: new Set() })).toEqual(webhookScope({ backends: new Set(["a/y", "b/x"]), secrets: new Set() }));
  });

  it("is nowhere where nothing is referred to: an empty list would not be allowed", () => {
    const scope = scopeOf([]);
    expect(scope.get(WEBHOOKS.services)).toEqual({ namespaceSelector: nowhere });
    expect(scope.get(WEBHOOKS.endpointSlices)?.namespaceSelector).toEqual(nowhere);
    expect(scope.get(WEBHOOKS.secrets)).toEqual({ namespaceSelector: nowhere });
  });

  it("does not grow without end", () => {
    const scope = scopeOf(Array.from({ length: 1001 }, (_, i) => `media/service-${i}`));
    expect(scope.get(WEBHOOKS.endpointSlices)?.objectSelector).toEqual({ matchExpressions: [{ key: "kubernetes.io/service-name", operator: "Exists" }] });
  });
});

interface Webhook {
  readonly name: string;
  readonly clientConfig: { readonly url: string; readonly caBundle?: string };
  readonly rules: readonly { readonly resources: readonly string[] }[];
  readonly [field: string]: unknown;
}
const webhooksOf = (options: Partial<Parameters<typeof eventWebhook>[0]> = {}): readonly Webhook[] =>
  (eventWebhook({ url: "https://events.example.org/base/", cluster: "prod eu", token: "t0k/en", secrets: false, ...options }) as { webhooks: Webhook[] }).webhooks;

const resources = (webhooks: readonly Webhook[]) => webhooks.flatMap(({ rules }) => rules.flatMap((rule) => rule.resources));

describe("the webhook", () => {
  it("never refuses and never makes anybody wait", () => {
    for (const webhook of webhooksOf({ secrets: true })) {
      expect(webhook).toMatchObject({ failurePolicy: "Ignore", timeoutSeconds: 1, sideEffects: "NoneOnDryRun", admissionReviewVersions: ["v1"], matchPolicy: "Equivalent" });
    }
  });

  it("has the token in its path, since a URL may have no user and no query", () => {
    expect(webhooksOf()[0]?.clientConfig).toEqual({ url: "https://events.example.org/base/v1/clusters/prod%20eu/events/t0k%2Fen" });
    expect(webhooksOf({ ca: "PEM" })[0]?.clientConfig.caBundle).toBe("UEVN");
  });

  it("sends Secrets only where they are asked for, and Nodes never", () => {
    expect(resources(webhooksOf())).not.toContain("secrets");
    expect(resources(webhooksOf({ secrets: true }))).toContain("secrets");
    expect(resources(webhooksOf({ secrets: true }))).not.toContain("nodes");
    expect(resources(webhooksOf()).filter((one) => one.includes("/"))).toEqual(["services/status"]);
  });

  it("sends what a pass has not asked for from nowhere", () => {
    for (const name of [WEBHOOKS.services, WEBHOOKS.endpointSlices, WEBHOOKS.secrets]) {
      expect(webhooksOf({ secrets: true }).find((one) => one.name === name)?.["namespaceSelector"]).toEqual(nowhere);
    }
  });
});
