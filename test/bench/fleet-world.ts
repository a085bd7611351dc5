import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAccess, type Access } from "../../shared/access/access.ts";
import { parseKeyRing } from "../../shared/access/key-ring.ts";
import { eventPath } from "../../shared/events/event-path.ts";
import { GATEWAY_GROUP, OWNED_BY_LABEL, STUNNER_GROUP } from "../../shared/resources/constants.ts";
import { groupOf, kindOf } from "../../shared/resources/kinds.ts";
import { type Context, openContext } from "../../shared/serverless/context.ts";
import { createCdsHandler } from "../../shared/serverless/handle-cds.ts";
import { createEventHandler } from "../../shared/serverless/handle-event.ts";
import { createReconcileHandler } from "../../shared/serverless/handle-reconcile.ts";
import { createResyncHandler } from "../../shared/serverless/handle-resync.ts";
import type { FunctionAnswer, FunctionRequest } from "../../shared/serverless/http.ts";
import { createFunctionLog } from "../../shared/serverless/log.ts";
import type { ObjectStore } from "../../shared/store/object-store.ts";
import { childOf, textOf } from "../support/json.ts";
import { startFleetApi } from "./fleet-api.ts";
import { createFleetCloud, type Delays, type Waiting } from "./fleet-cloud.ts";
import { Fleet, type Told } from "./fleet-cluster.ts";
import { createCounter, type Counter } from "./fleet-counts.ts";
import { platform } from "./fleet-objects.ts";

/** What a call of a function took, in milliseconds; CPU is that of this thread, without what the API servers took of it. */
export interface Took {
  readonly wall: number;
  readonly cpu: number;
}

/** Many clusters, and the functions that serve them, in one process. */
export interface World {
  readonly counter: Counter;
  readonly clusters: ReadonlyMap<string, Fleet>;
  readonly access: Access;
  readonly store: ObjectStore;
  /** What the secret with the keys holds from now on; `access` goes on with the first key. */
  rotate(keys: string): void;
  readonly took: Map<string, Took[]>;
  /** Whether operations take their time. */
  readonly isTimed: boolean;
  /** The timer of one cluster, or of all. */
  resync(cluster?: string): Promise<void>;
  poll(request: Pick<FunctionRequest, "url" | "headers">): Promise<FunctionAnswer>;
  /** Until no event and no message is left. @param most messages at most, for a cluster over which no pass succeeds */
  settle(most?: number): Promise<void>;
  /** Milliseconds that pass for everybody at once. */
  later(milliseconds: number): void;
  /** Whether API servers tell of writes. */
  hear(isHeard: boolean): void;
  /** New instances of all functions: they know nothing. */
  restart(): void;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly clusters: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds. Where there are some the clock is the machine's, so that calls take as long as they would. */
  readonly delays?: Delays & { readonly api: number };
}

/** Passes at a time (terraform/modules/aws: reconciles_at_once). */
const WIDTH = 10;
const TIMEOUT_MS = 120_000;
const NO_DELAYS = { store: 0, queue: 0, api: 0 };
const TOLD_GROUPS: ReadonlySet<string> = new Set([GATEWAY_GROUP, STUNNER_GROUP]);

export async function createWorld({ clusters: count, env = {}, delays = NO_DELAYS }: WorldOptions): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), "fleet-"));
  const counter = createCounter();
  const took = new Map<string, Took[]>();
  const isTimed = delays.api > 0;
  let ahead = 0;
  let isHeard = true;
  // Else a busy machine would have things read again that are kept for a while.
  const begun = Date.now();
  const now = (): number => (isTimed ? Date.now() : begun) + ahead;
  const { cloud, rotate, next, done, dueAt } = createFleetCloud({ STUNNER_CLUSTERS: "settings/clusters.json", ...env }, counter, delays, now);
  const access = createAccess(await cloud.readSecret("keys").then((text) => () => parseKeyRing(text)));
  const events = new Set<Promise<unknown>>();
  const names = Array.from({ length: count }, (_, n) => `c${n}`);
  const clusters = new Map(names.map((name) => [name, new Fleet((...told) => tell(name, ...told))]));
  const api = await startFleetApi(clusters, counter, delays.api);
  const list = await Promise.all(names.map(async (name) => {
    const path = join(directory, `${name}.json`);
    await writeFile(path, kubeconfigOf(`${api.origin}/${name}`));
    return { name, connect: { type: "kubeconfig", path }, cdsUrl: `https://cds.example/c/${name}` };
  }));
  await cloud.openStore("").put("settings/clusters.json", Buffer.from(JSON.stringify(list)));
  let functions = open();
  for (const cluster of clusters.values()) for (const object of platform()) cluster.seed(object);

  /** Each function is a process of its own, that knows what it has found out itself. */
  function open() {
    const log = createFunctionLog("info", (line) => counter.add("log bytes", Buffer.byteLength(line)));
    const [event, reconcile, resync, cds] = Array.from({ length: 4 }, (): Context => ({ ...openContext(cloud, now), log })) as [Context, Context, Context, Context];
    return { event: createEventHandler(event), reconcile: createReconcileHandler(reconcile), resync: createResyncHandler(resync), cds: createCdsHandler(cds) };
  }

  async function call<T>(name: string, run: () => Promise<T>): Promise<T> {
    counter.add(`call ${name}`);
    const [wall, cpu, others] = [performance.now(), process.threadCpuUsage(), api.spent()];
    const result = await run();
    const { user, system } = process.threadCpuUsage(cpu);
    if (isTimed) took.set(name, [...(took.get(name) ?? []), { wall: performance.now() - wall, cpu: (user + system) / 1000 - (api.spent() - others) }]);
    return result;
  }

  function tell(name: string, ...[object, before, subResource]: Parameters<Told>): void {
    const isOwned = childOf(childOf(object, "metadata"), "labels")[OWNED_BY_LABEL] !== undefined;
    const kind = textOf(object, "kind");
    const isTold = TOLD_GROUPS.has(groupOf(textOf(object, "apiVersion"))) || kind === "EndpointSlice" || (kind === "Service" && (isOwned || textOf(childOf(object, "metadata"), "namespace") !== "kube-system"));
    if (!isTold || !isHeard) return;
    const body = Buffer.from(JSON.stringify(reviewOf(object, before, subResource)));
    counter.add("event bytes", body.length);
    const path = eventPath({ cluster: name, token: access.eventTokens(name)[0] ?? "" });
    const sent = send(path, body);
    events.add(sent);
    void sent.finally(() => events.delete(sent));
  }

  async function send(url: string, body: Buffer): Promise<void> {
    const request = { method: "POST", url, headers: { "content-type": "application/json" }, body, address: "192.0.2.1" };
    const { status, body: text } = await call("event", () => functions.event.answer(request));
    if (status !== 200) throw new Error(`an event was answered with ${status}: ${text}`);
  }

  async function take({ message, due }: Waiting): Promise<void> {
    const name = message.look === undefined ? "reconcile" : "look";
    const outcome = await call(name, () => functions.reconcile(message, { sentAt: due, end: now() + TIMEOUT_MS }));
    if (outcome === "failed") throw new Error(`cluster ${message.cluster}: no pass could be made`);
    done(message.cluster);
  }

  async function work(most = Infinity): Promise<void> {
    const running = new Set<Promise<void>>();
    let left = most;
    for (;;) {
      while (events.size > 0) await Promise.all(events);
      if (left === 0 && running.size === 0) return;
      const waiting = left > 0 && running.size < WIDTH ? next(now()) : undefined;
      if (waiting) {
        left -= 1;
        // By then what is told of has settled: nobody need wait for the machine's clock.
        if (!isTimed && running.size === 0 && waiting.message.look === undefined) ahead += 500;
        const one = take(waiting).finally(() => running.delete(one));
        running.add(one);
      } else if (running.size > 0) await Promise.race(running);
      else {
        const due = dueAt();
        if (due === undefined && events.size === 0) return;
        ahead += Math.max(0, (due ?? 0) - now());
      }
    }
  }

  return {
    counter, clusters, access, took, isTimed, rotate, store: cloud.openStore(""),
    resync: (cluster) => call("resync", () => functions.resync(cluster)),
    poll: ({ url, headers }) => call("cds", () => functions.cds({ method: "GET", url, headers, body: Buffer.alloc(0), address: "192.0.2.1" })),
    settle: work,
    hear: (heard) => void (isHeard = heard),
    later: (milliseconds) => void (ahead += milliseconds),
    restart: () => void (functions = open()),
    async stop() {
      await api.stop();
      await rm(directory, { recursive: true });
    },
  };
}

function reviewOf(...[object, before, subResource]: Parameters<Told>): object {
  const { namespace, name } = childOf(object, "metadata");
  const apiVersion = textOf(object, "apiVersion");
  const [group, version, kind] = [groupOf(apiVersion), apiVersion.split("/").at(-1), textOf(object, "kind")];
  const resource = { group, version, resource: kindOf({ apiVersion, kind })?.plural };
  const request = { uid: "fleet", kind: { group, version, kind }, resource, subResource, namespace, name, operation: before ? "UPDATE" : "CREATE", userInfo: { username: "user" }, object, oldObject: before ?? null, dryRun: false };
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request };
}

/** Text of a kubeconfig. @param server URL of an API server without TLS */
export function kubeconfigOf(server: string): string {
  return JSON.stringify({
    "current-context": "x",
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: { token: "t" } }],
  });
}
