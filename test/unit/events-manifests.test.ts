import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { STUNNERD_IMAGE } from "../../infra/defaults/dataplane.ts";
import { clusterManifests, PARTS, type ManifestOptions } from "../../infra/manifests.ts";
import { policyRules, type RbacOptions } from "../../infra/rbac/rules.ts";
import { dataplaneSchema } from "../../shared/resources/dataplane.ts";

const run = promisify(execFile);

const OPTIONS: ManifestOptions = {
  mode: "managed", endpointSlices: true, watch: true, namespace: "stunner-system", users: [], groups: [], longLivedToken: false,
  image: STUNNERD_IMAGE, parts: PARTS,
};
const WEBHOOK = { url: "https://events.example.org", cluster: "prod", token: "secret", secrets: false };

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [field: string]: unknown;
}
const manifests = (more: Partial<ManifestOptions> = {}): Manifest[] => clusterManifests({ ...OPTIONS, ...more }) as Manifest[];
const named = (more: Partial<ManifestOptions> = {}): string[] => manifests(more).map(({ kind, metadata }) => `${kind} ${metadata.name}`);

const RBAC: RbacOptions = { mode: "managed", endpointSlices: true, watch: true };
/** `verb group/resource` for every right. */
const rights = (more: Partial<RbacOptions> = {}): string[] =>
  policyRules({ ...RBAC, ...more }).flatMap(({ apiGroups, resources, verbs }) => apiGroups.flatMap((group) => resources.flatMap((one) => verbs.map((verb) => `${verb} ${group}/${one}`))));

describe("what goes into a cluster", () => {
  it("is everything, in the order in which it can be created", () => {
    const all = named({ webhook: WEBHOOK });
    expect(all.slice(0, 4).sort()).toEqual(
      ["dataplanes", "gatewayconfigs", "staticservices", "udproutes"].map((plural) => `CustomResourceDefinition ${plural}.stunner.l7mp.io`),
    );
    expect(all.slice(4)).toEqual([
      "Namespace stunner-system",
      "ServiceAccount stunner-serverless",
      "ClusterRole stunner-serverless",
      "ClusterRoleBinding stunner-serverless",
      "Dataplane default",
      "ValidatingWebhookConfiguration stunner-serverless-events",
    ]);
  });

  it("is what is asked for", () => {
    expect(named({ parts: ["defaults"] })).toEqual(["Dataplane default"]);
    expect(named({ parts: ["webhook"] })).toEqual([]);
    expect(named({ parts: ["rbac"], longLivedToken: true })).toContain("Secret stunner-serverless-token");
  });

  it("gives the rights to those who are named", () => {
    const binding = manifests({ users: ["alice"], groups: ["stunner"], namespace: "ops" }).find(({ kind }) => kind === "ClusterRoleBinding");
    expect(binding?.["subjects"]).toEqual([
      { kind: "ServiceAccount", name: "stunner-serverless", namespace: "ops" },
      { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "alice" },
      { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "stunner" },
    ]);
  });

  it("has a default Dataplane that our own schema takes, as the upstream's chart has it", () => {
    const [dataplane] = manifests({ parts: ["defaults"] });
    expect(dataplaneSchema.safeParse(dataplane).success).toBe(true);
    expect(dataplane).toMatchObject({ spec: { image: "docker.io/l7mp/stunnerd:1.2.1", args: ["-w", "--udp-thread-num=16", "--log-format=text"], terminationGracePeriodSeconds: 3600 } });
  });
});

describe("rights", () => {
  it("include no list and no watch of Secrets where nothing is watched", () => {
    expect(rights({ watch: false }).filter((one) => one.endsWith("/secrets"))).toEqual(["get /secrets"]);
    expect(rights({ watch: false }).filter((one) => one.startsWith("watch"))).toEqual([]);
    expect(rights().filter((one) => one.endsWith("/secrets"))).toEqual(["get /secrets", "list /secrets", "watch /secrets"]);
  });

  it("let nobody write what is the user's", () => {
    const writes = rights().filter((one) => !/^(get|list|watch) /.test(one));
    expect(writes).toEqual([
      "update gateway.networking.k8s.io/gatewayclasses/status",
      "update gateway.networking.k8s.io/gateways/status",
      "update gateway.networking.k8s.io/udproutes/status",
      "update stunner.l7mp.io/udproutes/status",
      ...["create", "delete", "patch"].map((verb) => `${verb} /services`),
      ...["daemonsets", "deployments"].flatMap((one) => ["create", "delete", "patch"].map((verb) => `${verb} apps/${one}`)),
    ]);
  });

  it("follow the settings", () => {
    expect(rights().filter((one) => one.includes("configmaps") || one.endsWith("/endpoints"))).toEqual([]);
    expect(rights({ mode: "legacy" })).toEqual(expect.arrayContaining(["patch /configmaps", "list apps/deployments"]));
    expect(rights({ mode: "legacy" })).not.toContain("patch apps/deployments");
    expect(rights({ endpointSlices: false })).toContain("list /endpoints");
    expect(rights({ endpointSlices: false }).filter((one) => one.includes("endpointslices"))).toEqual([]);
  });

  it("are to write Secrets and ConfigMaps only where the delivery needs it, and never to list Secrets", () => {
    const [made, read] = [["create", "delete", "patch"], ["create", "delete", "get", "list", "patch"]];
    const secrets = ["get /secrets", ...made.map((verb) => `${verb} /secrets`)];
    const configMaps = read.map((verb) => `${verb} /configmaps`);
    expect(mounted("direct")).toEqual(["get /secrets"]);
    expect(mounted("proxy")).toEqual([...configMaps, ...secrets]);
    expect(mounted("pull")).toEqual([...configMaps, ...secrets]);
    expect(mounted("configmap")).toEqual(secrets);
    expect(mounted("configmap", "ConfigMap")).toEqual([...configMaps, "get /secrets"]);
  });

  it("let only the one webhook be kept", () => {
    expect(rights().filter((one) => one.includes("webhook"))).toEqual([]);
    expect(policyRules({ ...RBAC, webhook: "events" }).at(-1)).toEqual({
      apiGroups: ["admissionregistration.k8s.io"], resources: ["validatingwebhookconfigurations"], resourceNames: ["events"], verbs: ["get", "patch"],
    });
  });
});

const PROGRAM = `
  import { manifestsCommand } from ${JSON.stringify(join(import.meta.dirname, "../../functions/local/manifests-command.ts"))};
  await manifestsCommand().exitOverride().parseAsync(process.argv.slice(1), { from: "user" }).catch((error) => {
    process.stderr.write(error.message);
    process.exitCode = 2;
  });
`;

async function command(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  const result = run(process.execPath, ["--input-type=module", "--eval", PROGRAM, "--", ...args], { env: { PATH: process.env["PATH"] ?? "", ...env }, maxBuffer: 10_000_000 });
  return result.then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }), (error: { code: number; stdout: string; stderr: string }) => error);
}

describe("the verb", () => {
  it("prints YAML documents, filled in", async () => {
    const { stdout, code } = await command(["--cluster", "prod", "--event-url", "https://events.example.org"], { STUNNER_EVENT_TOKEN: "s3cret" });
    const documents = parseAllDocuments(stdout).map((one) => one.toJS() as Manifest);
    expect(code).toBe(0);
    expect(documents).toEqual(manifests({ webhook: { ...WEBHOOK, token: "s3cret" } }));
  });

  it("prints JSON, of some parts, and reads the authority's certificate", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "stunner-")), "ca.pem");
    await writeFile(file, "PEM");
    const { stdout } = await command(["--only", "webhook", "-o", "json", "--event-url=https://a.example", "--event-token=x", "--event-ca-file", file, "--event-secrets"]);
    const list = JSON.parse(stdout) as { kind: string; items: { webhooks: { clientConfig: object; name: string }[] }[] };
    expect(list.kind).toBe("List");
    expect(list.items[0]?.webhooks[0]?.clientConfig).toEqual({ url: "https://a.example/v1/clusters/default/events/x", caBundle: "UEVN" });
    expect(list.items[0]?.webhooks.map(({ name }) => name.split(".")[0])).toContain("secrets");
  });

  it("takes rights away that are not needed", async () => {
    const { stdout } = await command(["--only", "rbac", "--no-watch", "--dataplane-mode=legacy", "--user", "a", "b", "--namespace=ops"]);
    const documents = parseAllDocuments(stdout).map((one) => one.toJS() as Manifest);
    expect(documents).toEqual(manifests({ parts: ["rbac"], watch: false, mode: "legacy", users: ["a", "b"], namespace: "ops" }));
  });

  it.each([
    [["--event-url=http://a.example", "--event-token=x"], /--event-url: accepted is https/],
    [["--event-url=https://a.example?x=y", "--event-token=x"], /--event-url/],
    [["--event-url=https://user@a.example", "--event-token=x"], /--event-url/],
    [["--event-url=https://a.example"], /STUNNER_EVENT_TOKEN/],
    [["--event-url=https://a.example", "--event-token=x", "--event-ca-file=/nowhere"], /--event-ca-file=\/nowhere: no such file/],
    [["--only", "everything"], /--only/],
    [["--dataplane-mode=other"], /--dataplane-mode/],
  ])("refuses %j by name", async (args, message) => {
    const { code, stderr, stdout } = await command(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
  });
});

/** Rights to what pods mount. */
function mounted(delivery: RbacOptions["delivery"], deliveryObject?: "Secret" | "ConfigMap"): string[] {
  return rights({ delivery, deliveryObject, watch: false }).filter((one) => /\/(?:secrets|configmaps)$/.test(one));
}
