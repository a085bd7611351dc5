import { KubeConfig } from "@kubernetes/client-node";
import { apply, type Applied } from "../../shared/apply/apply.ts";
import type { Cluster as LiveCluster } from "../../shared/apply/cluster.ts";
import { createApiCluster, type ApiClusterOptions } from "../../shared/apply/live/api-cluster.ts";
import { objectKey } from "../../shared/apply/ownership.ts";
import { withAccounting, type Accounting } from "../../shared/kube/accounting.ts";
import type { KubeClient } from "../../shared/kube/client.ts";
import { createKubeClient, type KubeClientOptions } from "../../shared/kube/https-client.ts";
import { DEFAULT_RETRIES, withRetries } from "../../shared/kube/retry.ts";
import { render } from "../../shared/render/render.ts";
import type { RenderOptions, RenderResult } from "../../shared/render/result.ts";
import { CONTROLLER_NAME, DEFAULT_LABEL_FILTER } from "../../shared/resources/constants.ts";
import { discover } from "../../shared/state/live/discovery.ts";
import type { LiveState } from "../../shared/state/live/load.ts";
import type { Identity } from "./cluster.ts";

/** Our user in the audit log. */
export const OPERATOR: Identity = { user: "stunner-serverless", groups: ["system:masters"] };

/** A control plane without store and lease: loads, renders and applies, when it is told to. */
export interface LivePass {
  readonly client: KubeClient;
  readonly cluster: LiveCluster;
  readonly accounting: Accounting;
  /** What the last load found. */
  loaded(): LiveState;
  pass(): Promise<Passed>;
  close(): void;
}

export interface Passed {
  readonly rendered: RenderResult;
  readonly applied: Applied;
}

export interface LivePassOptions extends Partial<Omit<ApiClusterOptions, "client">>, KubeClientOptions {
  readonly render?: Partial<RenderOptions>;
}

/** @param kubeconfig with which it writes, or the path of one. Retries come fast. */
export function startLivePass(kubeconfig: string | KubeConfig, { render: more = {}, timeout = 30_000, ...options }: LivePassOptions = {}): LivePass {
  const config = typeof kubeconfig === "string" ? new KubeConfig() : kubeconfig;
  if (typeof kubeconfig === "string") config.loadFromFile(kubeconfig);
  const accounting = withAccounting(createKubeClient(config, { timeout }));
  const client = withRetries(accounting.client, { ...DEFAULT_RETRIES, firstDelay: 5 });
  const shared = { controllerName: CONTROLLER_NAME, mode: "managed" as const, endpointDiscovery: true, endpointSlices: true };
  let found: LiveState | undefined;
  const cluster = createApiCluster({
    ...shared,
    client,
    discover: () => discover(client),
    now: Date.now,
    ...options,
    onLoad: (live) => void (found = live),
  });
  const settings: RenderOptions = {
    ...shared,
    onInvalid: "hold",
    referenceGrants: "permit",
    certificates: "trust",
    labelFilter: DEFAULT_LABEL_FILTER,
    configOrigin: "http://cds.example:13478",
    published: new Map(),
    released: new Set(),
    now: Date.now(),
    ...more,
  };
  return {
    client,
    cluster,
    accounting,
    loaded() {
      if (!found) throw new Error("nothing was loaded yet");
      return found;
    },
    async pass() {
      const { state } = await cluster.load();
      const rendered = render(state, settings);
      const { objects, deletions, statuses, held } = rendered;
      const isHeld = (key: string): boolean => held.objects.has(key);
      const wanted = objects.filter((object) => !isHeld(objectKey(object)));
      const applied = await apply(cluster, { objects: wanted, deletions, statuses, isHeld, lastApplied: new Map(), drift: "correct", listenersOf: () => [] });
      return { rendered, applied };
    },
    close: () => client.close(),
  };
}

/** What a pass has done, in lines: `created Service media/gw`, `failed Deployment media/gw: Invalid: …`. */
export function changesOf({ applied }: Passed): string[] {
  return applied.changes.map(({ operation, object, reason }) => `${operation} ${object}${reason ? `: ${reason}` : ""}`).sort();
}
