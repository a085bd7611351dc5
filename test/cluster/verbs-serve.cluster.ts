import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { directoryOf, eventually, startServe, type RunningServe } from "../support/running-serve.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { reference, type Manifest } from "./resource.ts";

const TOKEN = "Planted-token-of-this-test";
const REVIEW = (JSON.parse(readFileSync(join(import.meta.dirname, "../unit/events/recorded/reviews.json"), "utf8")) as Record<string, unknown>)["gateway-create"];

let cluster: Cluster;
let directory: Awaited<ReturnType<typeof directoryOf>>;
let running: RunningServe | undefined;

beforeAll(async () => {
  cluster = await startCluster({ gatewayApi: gatewayApiOr("newest") });
  directory = await directoryOf({ "m/platform.yaml": PLATFORM, "m/one.yaml": gateway("one", { port: 3002 }) });
  for (const namespace of ["stunner", "media"]) await cluster.apply(reference("v1", "Namespace", namespace));
  await install(PLATFORM, gateway("one", { port: 3001 }));
});
afterEach(async () => void (await running?.stop("SIGKILL")));
afterAll(async () => {
  await cluster.stop();
  await directory.remove();
});

async function install(...texts: string[]): Promise<void> {
  for (const document of parseAllDocuments(texts.join("---\n"))) await cluster.apply(document.toJS() as Manifest, { fieldManager: "user" });
}

async function portOf(path: string): Promise<number | undefined> {
  const response = await fetch(`${running?.origin}${path}/api/v1/configs/media/one`);
  return response.ok ? ((await response.json()) as { listeners: { port: number }[] }).listeners[0]?.port : undefined;
}

async function requests(name: string): Promise<number> {
  const text = await (await fetch(`${running?.origin}/metrics`)).text();
  const found = [...text.matchAll(new RegExp(`^stunner_gateway_operator_reconcile_events_total\\{cluster="${name}",result="\\w+"\\} (\\d+)$`, "gm"))];
  return found.reduce((sum, [, count]) => sum + Number(count), 0);
}

const event = (name: string, token: string): Promise<Response> =>
  fetch(`${running?.origin}/v1/clusters/${name}/events/${token}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(REVIEW) });

test("serves API servers by token and by kubeconfig and a directory at once, and does not mind one that is dead", async () => {
  const tokenFile = join(directory.path, "token");
  await writeFile(tokenFile, cluster.adminToken);
  const dead = await cluster.kubeconfigFor({ user: "nobody" }, "https://127.0.0.1:1");
  const more = { cdsUrl: "http://192.0.2.1:13478" };
  const clusters = [
    { name: "live", connect: { type: "token", server: cluster.url, ca: cluster.ca, tokenFile }, ...more },
    { name: "files", connect: { type: "directory", manifests: join(directory.path, "m"), out: join(directory.path, "out") } },
    { name: "dead", connect: { type: "kubeconfig", path: dead }, ...more },
    { name: "none", connect: { type: "kubeconfig", path: join(directory.path, "none") }, ...more },
  ];
  running = await startServe([`--clusters=${JSON.stringify(clusters)}`, `--store=file://${directory.path}/store`, `--event-token=${TOKEN}`, "--throttle-timeout=20ms"], { ready: false });
  await eventually(async () => (await portOf("")) === 3001 && (await portOf("/c/files")) === 3002);
  expect(await portOf("/c/live")).toBe(3001);
  await eventually(async () => {
    const unready = await (await fetch(`${running?.origin}/readyz`)).text();
    return unready.split("\n").map((line) => line.split(":")[0]).join() === "cluster dead,cluster none,";
  });

  await install(gateway("one", { port: 4001 }));
  await eventually(async () => (await portOf("/c/live")) === 4001);
  const deployment = await cluster.get(reference("apps/v1", "Deployment", "one", "media"));
  expect(JSON.stringify(deployment)).toContain(more.cdsUrl);

  const before = await requests("live");
  expect([(await event("live", "wrong")).status, (await event("files", TOKEN)).status]).toEqual([403, 403]);
  const answer = await event("live", TOKEN);
  expect([answer.status, await answer.json()]).toMatchObject([200, { kind: "AdmissionReview", response: { allowed: true } }]);
  await eventually(async () => (await requests("live")) > before);
  expect(running.lines.join("\n")).not.toContain(TOKEN);
  expect(running.lines.join("\n")).not.toContain(cluster.adminToken);
});
