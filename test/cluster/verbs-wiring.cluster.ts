import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { accountObjects } from "../../infra/rbac/objects.ts";
import { eventWebhook } from "../../infra/webhook/webhook.ts";
import { WEBHOOK_NAME, WEBHOOKS } from "../../shared/events/webhook-scope.ts";
import type { CallCount } from "../../shared/kube/accounting.ts";
import type { Report } from "../../shared/reconcile/report.ts";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { directoryOf, eventually, run, startServe, type Ended, type RunningServe } from "../support/running-serve.ts";
import { auditLine, isWrite, type AuditEntry } from "./audit.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { reference, type Manifest } from "./resource.ts";

const WEBHOOK = reference("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", WEBHOOK_NAME);
const TOKEN = "Planted-token-of-this-test";
const ADDRESS = "--cds-url=http://192.0.2.1:13478";

let cluster: Cluster;
let directory: Awaited<ReturnType<typeof directoryOf>>;
let serve: RunningServe | undefined;

beforeAll(async () => {
  cluster = await startCluster({ gatewayApi: gatewayApiOr("newest"), auditLog: true });
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  directory = await directoryOf({});
  for (const namespace of ["stunner", "media", "web"]) await cluster.apply(reference("v1", "Namespace", namespace));
  await install(PLATFORM, gateway("one"), route("livekit", "media"));
});
afterEach(async () => {
  await serve?.stop("SIGKILL");
  serve = undefined;
  await cluster.reset();
  await directory.remove();
});

function route(name: string, namespace: string): string {
  return `
apiVersion: stunner.l7mp.io/v1
kind: UDPRoute
metadata: { namespace: media, name: ${name} }
spec: { parentRefs: [{ name: one }], rules: [{ backendRefs: [{ name: ${name}, namespace: ${namespace} }] }] }
`;
}

async function install(...texts: string[]): Promise<void> {
  for (const document of parseAllDocuments(texts.join("---\n"))) await cluster.apply(document.toJS() as Manifest, { fieldManager: "user" });
}

const verb = (name: string, kubeconfig = cluster.kubeconfig, env: Record<string, string> = {}, ...args: string[]): Promise<Ended> =>
  run([name, `--kubeconfig=${kubeconfig}`, `--store=file://${directory.path}/store`, ...(name === "teardown" ? [] : [ADDRESS]), ...args], { env });

async function reportOf(name: string, ...args: string[]): Promise<Report> {
  return JSON.parse((await verb(name, undefined, {}, "-o", "json", ...args)).stdout) as Report;
}

/** Requests of ours in the audit log, as a report would tell them. */
async function audited(act: () => Promise<unknown>): Promise<{ calls: string[]; writes: string[] }> {
  const mark = await cluster.audit().mark();
  await act();
  const ours = (await cluster.audit().entries(mark)).filter(({ userAgent, stage }) => userAgent === "stunner-serverless" && stage === "ResponseComplete");
  const counts = new Map<string, number>();
  for (const entry of ours) counts.set(nameOf(entry), (counts.get(nameOf(entry)) ?? 0) + 1);
  return { calls: [...counts].map(([name, count]) => `${name} ${count}`).toSorted(), writes: ours.filter(isWrite).map(auditLine) };
}

/** The audit log has one verb for patches of all sorts, and discovery is no resource to it. */
function nameOf({ verb: asked, objectRef, requestURI }: AuditEntry): string {
  return objectRef ? `${asked} ${[objectRef.resource, objectRef.subresource].filter(Boolean).join("/")}` : `get ${requestURI}`;
}

function told(calls: readonly CallCount[] = []): string[] {
  const counts = new Map<string, number>();
  for (const one of calls) {
    const name = `${one.verb === "apply" ? "patch" : one.verb} ${one.resource}`;
    counts.set(name, (counts.get(name) ?? 0) + one.calls);
  }
  return [...counts].map(([name, count]) => `${name} ${count}`).toSorted();
}

describe("a report", () => {
  test("tells exactly the requests that the API server has had, for each verb", async () => {
    for (const args of [["reconcile"], ["reconcile"], ["diff"], ["reconcile", "--dry-run"], ["teardown"]]) {
      const [name = "", ...more] = args;
      let report: Report | undefined;
      const { calls } = await audited(async () => (report = await reportOf(name, ...more)));
      expect([args, told(report?.calls)]).toEqual([args, calls]);
      expect(calls.length).toBeGreaterThan(5);
      expect(report?.calls?.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(5000);
    }
    const { stdout } = await verb("reconcile");
    expect(stdout).toMatch(/; \d+ requests, \d+ kB in; \d+ ms\n$/);
  });

  test("of serve is that of one pass, without what its watches ask for", async () => {
    serve = await startServe([`--kubeconfig=${cluster.kubeconfig}`, ADDRESS, `--store=file://${directory.path}/store`, "--zap-log-level=debug", "--throttle-timeout=20ms"]);
    const first = JSON.parse(await serve.line(/asked the API server/)) as { calls: CallCount[] };
    expect(first.calls.some(({ verb: asked }) => asked === "watch")).toBe(false);
    expect(first.calls.some(({ resource, calls }) => resource === "gateways" && calls > 1)).toBe(false);
    expect(await serve.line(/configurations served/)).toMatch(/; \d+ requests, \d+ kB in, \d+ kB out; \d+ ms"/);
  });

  test("marks what ends calls: a template, another kind of workload; and nothing else does", async () => {
    await verb("reconcile");
    await verb("reconcile");
    const changed = async (): Promise<readonly [string, string, readonly string[] | undefined][]> =>
      (await reportOf("reconcile")).changes.filter(({ object }) => /^(Deployment|DaemonSet|Service|config) /.test(object)).map(({ operation, object, disrupts }) => [operation, object, disrupts]);
    const listeners = ["media/one/udp"];

    await install(PLATFORM.replace("stunnerd:1.2.1", "stunnerd:1.2.2"));
    expect(await changed()).toEqual([["updated", "Deployment media/one", listeners]]);
    await cluster.patch(reference("apps/v1", "Deployment", "one", "media"), [{ op: "replace", path: "/spec/template/spec/containers/0/image", value: "by-hand" }], { fieldManager: "somebody" });
    expect((await reportOf("diff")) as unknown as { differences: object[] }).toMatchObject({ differences: [expect.objectContaining({ object: "Deployment media/one", disrupts: listeners })] });
    expect((await reportOf("reconcile", "--drift=report")).changes).toEqual([expect.not.objectContaining({ disrupts: expect.anything() as unknown })]);
    expect(await changed()).toEqual([["updated", "Deployment media/one", listeners]]);

    await cluster.patch(reference("v1", "Service", "one", "media"), { spec: { type: "NodePort" } }, { fieldManager: "somebody" });
    await cluster.patch(reference("apps/v1", "Deployment", "one", "media"), { metadata: { labels: { "stunner.l7mp.io/related-gateway-name": "x" } } }, { fieldManager: "somebody" });
    expect(await changed()).toEqual([["updated", "Deployment media/one", undefined], ["updated", "Service media/one", undefined]]);

    await install(gateway("one", { port: 5000 }));
    expect(await changed()).toEqual([["updated", "config media/one", listeners], ["updated", "Service media/one", undefined]]);
    await install(PLATFORM.replace("spec: { image", "spec: { dataplaneResource: DaemonSet, image"));
    expect(await changed()).toEqual([["created", "DaemonSet media/one", undefined], ["deleted", "Deployment media/one", listeners]]);
  });
});

const installWebhook = () => cluster.apply(eventWebhook({ url: "https://127.0.0.1:1", cluster: "default", token: TOKEN, secrets: false }) as Manifest, { fieldManager: "user" });

/** The namespaces of which it tells, of Services and EndpointSlices. */
async function kept(): Promise<readonly (readonly string[])[]> {
  const webhooks = ((await cluster.get(WEBHOOK))?.["webhooks"] ?? []) as unknown as { name: string; namespaceSelector?: { matchExpressions?: { values?: string[] }[] } }[];
  return [WEBHOOKS.services, WEBHOOKS.endpointSlices].map((name) => webhooks.find((one) => one.name === name)?.namespaceSelector?.matchExpressions?.[0]?.values ?? []);
}

const ofWebhook = (lines: readonly string[]): string[] => lines.filter((line) => line.includes("validatingwebhookconfigurations"));

describe("the event webhook", () => {
  test("is kept by serve where it is installed, and written only when what routes refer to changes", async () => {
    await installWebhook();
    const args = [`--kubeconfig=${cluster.kubeconfig}`, ADDRESS, `--store=file://${directory.path}/store`, `--event-token=${TOKEN}`, "--throttle-timeout=20ms", "--resync=100ms", "--zap-log-level=debug"];
    let passes = 0;
    const { calls, writes } = await audited(async () => {
      serve = await startServe(args);
      await eventually(async () => (await kept()).join() === "media,media");
      await install(route("livekit", "web"));
      await eventually(async () => (await kept()).join() === "web,web");
      const before = serve.lines.length;
      await eventually(() => (serve?.lines ?? []).slice(before).filter((line) => line.includes("asked the API server")).length > 10);
      passes = serve.lines.filter((line) => line.includes("asked the API server")).length;
    });
    expect(ofWebhook(writes)).toHaveLength(2);
    // One read for each set of namespaces, and none for the passes that find the same.
    expect(passes).toBeGreaterThan(10);
    expect(ofWebhook(calls)).toEqual(["get validatingwebhookconfigurations 2", "patch validatingwebhookconfigurations 2"]);
  });

  test("is kept by reconcile, told by diff, and a dry run writes nothing", async () => {
    await installWebhook();
    const env = { STUNNER_EVENT_TOKEN: TOKEN };
    for (const args of [["diff"], ["reconcile", "--dry-run"]]) {
      const { writes } = await audited(async () => {
        const { stdout } = await verb(args[0] ?? "", undefined, env, ...args.slice(1));
        expect(stdout).toMatch(new RegExp(`^ValidatingWebhookConfiguration ${WEBHOOK_NAME}(: updated| would be updated)$`, "m"));
      });
      expect(writes).toEqual([]);
    }
    expect(await kept()).toEqual([[], []]);
    expect((await verb("reconcile", undefined, env)).stdout).toContain(`ValidatingWebhookConfiguration ${WEBHOOK_NAME}: updated\n`);
    expect(await kept()).toEqual([["media"], ["media"]]);
    expect((await verb("diff", undefined, env)).stdout).not.toContain("ValidatingWebhookConfiguration");
  });

  test("is looked for by nobody without a token, and missed by nobody where it is not installed", async () => {
    const { calls } = await audited(() => verb("reconcile"));
    expect(calls.join()).not.toContain("validatingwebhookconfigurations");
    const { code, stdout } = await verb("reconcile", undefined, { STUNNER_EVENT_TOKEN: TOKEN });
    expect([code, stdout]).toEqual([0, expect.not.stringContaining("Webhook")]);
  });

  test("needs exactly the rights that are installed with it; without them a pass does the rest and says so", async () => {
    await installWebhook();
    const rights = { mode: "managed", endpointSlices: true, watch: false, namespace: "stunner", users: [], groups: [], longLivedToken: false } as const;
    const env = { STUNNER_EVENT_TOKEN: TOKEN };
    const reconcileWith = async (more: { readonly webhook?: string }): Promise<Ended> => {
      for (const object of accountObjects({ ...rights, ...more }) as Manifest[]) await cluster.apply(object);
      const kubeconfig = await cluster.kubeconfigFor({ token: await cluster.serviceAccountToken("stunner", "stunner-serverless") });
      return verb("reconcile", kubeconfig, env);
    };
    const without = await reconcileWith({});
    expect([without.code, without.stdout]).toEqual([0, expect.stringContaining("Deployment media/one: created\n")]);
    expect(without.stdout).toMatch(/^warning: ValidatingWebhookConfiguration stunner-serverless-events: EventWebhook: .*status 403/m);
    const withThem = await reconcileWith({ webhook: WEBHOOK_NAME });
    expect([withThem.code, withThem.stdout]).toEqual([0, expect.not.stringContaining("EventWebhook")]);
    expect(await kept()).toEqual([["media"], ["media"]]);
  });
});
