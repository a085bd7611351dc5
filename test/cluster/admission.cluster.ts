import { KubeConfig } from "@kubernetes/client-node";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request, type RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { clusterManifests } from "../../infra/manifests.ts";
import { WEBHOOK_NAME } from "../../shared/events/webhook-scope.ts";
import { isJudged } from "../../shared/admission/judged.ts";
import { KINDS } from "../../shared/resources/kinds.ts";
import { isObject, textOf } from "../support/json.ts";
import { directoryOf, eventually, startServe, type RunningServe } from "../support/running-serve.ts";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { createPki, type Pki } from "./pki.ts";
import { reference, type Manifest } from "./resource.ts";

const TOKEN = "Planted-token-of-the-admission-test";
const PORT_TAKEN = /spec\.listeners\[1\]\.port: UDP port 3478 is already in use; give each listener of a transport a port of its own/;

const PLURALS = new Map(KINDS.map(({ kind, plural }) => [kind, plural] as const).filter(([kind]) => isJudged("stunner.l7mp.io", kind)));

/** What the API server said to a write, warnings as kubectl shows them. */
interface Told {
  readonly status: number;
  readonly message: string;
  readonly warnings: readonly string[];
}

function documents(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).flatMap((one) => (one.toJS() === null ? [] : [one.toJS() as Manifest]));
}

const isWarned = ({ warnings }: Told): boolean => warnings.length > 0;
const isRefused = ({ status }: Told): boolean => status === 422;

const broken = (name: string): Manifest => ({
  ...reference("gateway.networking.k8s.io/v1", "Gateway", name, "media"),
  spec: { gatewayClassName: "stunner", listeners: [{ name: "a", port: 3478, protocol: "TURN-UDP" }, { name: "b", port: 3478, protocol: "UDP" }] },
});

describe("writes that are judged", () => {
  let cluster: Cluster;
  let files: string;
  let pki: Pki;
  let running: RunningServe | undefined;
  let scratch: Awaited<ReturnType<typeof directoryOf>>;

  beforeAll(async () => {
    files = await mkdtemp(join(tmpdir(), "stunner-admission-"));
    [pki, scratch, cluster] = await Promise.all([createPki(files), directoryOf({}), startCluster({ gatewayApi: "newest" })]);
    for (const namespace of ["stunner", "media"]) await cluster.apply(reference("v1", "Namespace", namespace));
  });
  afterEach(async () => {
    await running?.stop("SIGKILL");
    running = undefined;
    await cluster.delete(reference("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", WEBHOOK_NAME));
  });
  afterAll(async () => {
    await cluster.stop();
    await Promise.all([rm(files, { recursive: true }), scratch.remove()]);
  });

  /** `serve` over TLS with the webhook installed, after its first pass. */
  async function serving(mode: string, isReady: (probe: Told) => boolean): Promise<void> {
    running = await startServe(
      [
        `--kubeconfig=${cluster.kubeconfig}`, `--admission=${mode}`, `--store=file://${scratch.path}/${mode}`, "--cds-url=http://127.0.0.1:1",
        `--tls-cert=${pki.files.serverCertificate}`, `--tls-key=${pki.files.serverKey}`, "--throttle-timeout=50ms",
      ],
      { env: { STUNNER_EVENT_TOKEN: TOKEN }, ready: false },
    );
    const url = /https:\/\/[^/"]+/.exec(await running.line(/probes and metrics/))?.[0] ?? "";
    const webhook = { url, ca: pki.ca, cluster: "default", token: TOKEN, secrets: false };
    const account = { mode: "managed", endpointSlices: true, watch: true, namespace: "stunner-system", users: [], groups: [], longLivedToken: false } as const;
    for (const object of clusterManifests({ ...account, image: "x", webhook, parts: ["webhook"] })) await cluster.apply(object as Manifest, { fieldManager: "user" });
    // The API server reads its webhooks now and then.
    await eventually(async () => isReady(await write("POST", broken("probe"), "?dryRun=All")));
  }

  function write(method: "POST" | "PUT" | "PATCH", object: Manifest, query = ""): Promise<Told> {
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    const plural = PLURALS.get(object.kind) ?? "";
    const { namespace, name } = object.metadata;
    const place = `/apis/${object.apiVersion}${namespace ? `/namespaces/${namespace}` : ""}/${plural}${method === "POST" ? "" : `/${name}`}`;
    return told(config, method, `${place}${query}`, object);
  }

  test("are told what is wrong with them, and stored all the same, by default", async () => {
    await serving("warn", isWarned);
    const [gatewayClass, config, dataplane] = documents(PLATFORM) as [Manifest, Manifest, Manifest];
    expect(await write("POST", gatewayClass)).toMatchObject({ status: 201, warnings: ["spec.parametersRef: GatewayConfig stunner/config does not exist"] });
    expect(await write("POST", config)).toMatchObject({ status: 201 });
    expect(await write("POST", dataplane)).toMatchObject({ status: 201, warnings: [] });
    const { status, warnings } = await write("POST", broken("gw"));
    expect([status, warnings.join(" ").replaceAll(" ... ", " ")]).toEqual([201, expect.stringMatching(PORT_TAKEN)]);
    const live = await cluster.get(reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "media"));
    expect(live?.metadata.name).toBe("gw");
    await cluster.delete(reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "media"));
  });

  test("are refused in the mode deny, where the object alone proves it, and a dry run as well", async () => {
    await serving("deny", isRefused);
    for (const query of ["", "?dryRun=All"]) {
      const refused = await write("POST", broken("gw"), query);
      expect(refused).toMatchObject({ status: 422, message: expect.stringMatching(PORT_TAKEN) });
      expect(refused.message).toMatch(/^admission webhook ".*" denied the request: /);
    }
    expect(await cluster.get(reference("gateway.networking.k8s.io/v1", "Gateway", "gw", "media"))).toBeUndefined();
    const [good] = documents(gateway("good")) as [Manifest];
    expect(await write("POST", good)).toMatchObject({ status: 201, warnings: [] });
    const live = await cluster.get(good);
    const moved = { ...live, spec: { ...(live?.["spec"] as object), listeners: [{ name: "udp", port: 3479, protocol: "TURN-UDP" }] } } as unknown as Manifest;
    expect(await write("PUT", moved, "?dryRun=All")).toMatchObject({ status: 200, warnings: ["disrupts: listener media/good/udp restarts, calls there end"] });
    await cluster.delete(good);
  });

  test("pass in any order, as a first apply of all examples, in the mode deny", async () => {
    for (const object of documents(PLATFORM)) await cluster.delete(object);
    await serving("deny", (probe) => isWarned(probe) || isRefused(probe));
    const examples = readdirSync("infra/examples").filter((file) => file.endsWith(".yaml")).flatMap((file) => documents(readFileSync(join("infra/examples", file), "utf8")));
    const order = examples.filter(({ kind }) => PLURALS.has(kind)).reverse();
    expect(order.length).toBeGreaterThan(15);
    const namespaces = new Set(examples.flatMap(({ metadata }) => metadata.namespace ?? []));
    for (const namespace of namespaces) await cluster.apply(reference("v1", "Namespace", namespace));
    for (const object of order) {
      const query = `?fieldManager=test&force=true`;
      const placed = object.kind === "GatewayClass" || object.kind === "Dataplane" ? object : { ...object, metadata: { namespace: "default", ...object.metadata } };
      const { status, message } = await write("PATCH", placed, query);
      expect([object.kind, object.metadata.name, status, message]).toEqual([object.kind, object.metadata.name, expect.toBeOneOf([200, 201]), ""]);
    }
  });

  test("go through while the endpoint is stopped in the middle of an answer, or gone", async () => {
    await serving("deny", (probe) => isWarned(probe) || isRefused(probe));
    running?.child.kill("SIGSTOP");
    const began = performance.now();
    expect(await write("POST", broken("slow"), "?dryRun=All")).toMatchObject({ status: 201 });
    expect(performance.now() - began).toBeLessThan(5000);
    running?.child.kill("SIGCONT");
    await running?.stop("SIGKILL");
    running = undefined;
    expect(await write("POST", broken("gone"), "?dryRun=All")).toMatchObject({ status: 201 });
  });
});

/** Sends it as the owner of the kubeconfig. */
async function told(config: KubeConfig, method: string, path: string, object: Manifest): Promise<Told> {
  const options: RequestOptions = { method, headers: { "content-type": method === "PATCH" ? "application/apply-patch+yaml" : "application/json" } };
  await config.applyToHTTPSOptions(options);
  const sent = request(new URL(path, config.getCurrentCluster()?.server), options);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sent.once("response", resolve).once("error", reject).end(JSON.stringify(object));
  const answer = await promise;
  const body: unknown = JSON.parse(await text(answer));
  const warnings = [answer.headers["warning"] ?? []].flat().flatMap((one) => [...one.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, quoted = ""]) => quoted.replaceAll(/\\(.)/g, "$1")));
  return { status: answer.statusCode ?? 0, message: isObject(body) && body["kind"] === "Status" ? textOf(body, "message") : "", warnings };
}
