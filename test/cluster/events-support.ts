import { KubeConfig } from "@kubernetes/client-node";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEventEndpoint, type EventOutcome } from "../../functions/local/events.ts";
import { eventWebhook } from "../../infra/webhook/webhook.ts";
import type { Change } from "../../shared/events/change.ts";
import type { KubeClient } from "../../shared/kube/client.ts";
import { createKubeClient } from "../../shared/kube/https-client.ts";
import type { ClusterClient } from "./client.ts";
import { createPki } from "./pki.ts";
import { reference, type Manifest, type Reference } from "./resource.ts";

/** The project's own client with a kubeconfig of the test cluster. */
export function kubeClient(kubeconfig: string): KubeClient {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return createKubeClient(config);
}

export const CLUSTER = "test";
export const TOKEN = "Planted-token-of-the-test";

/** What arrives at an event endpoint, in order. */
export interface Inbox {
  readonly changes: Change[];
  readonly outcomes: EventOutcome[];
  /** Resolves with the first change, past or to come, that fits. @throws after 10 s, with what came instead */
  change(fits: (change: Change) => boolean): Promise<Change>;
}

/** An event endpoint over HTTPS, as `serve` has it behind whatever ends TLS. */
export interface EventServer extends Inbox {
  readonly url: string;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
  close(): Promise<void>;
}

/** @param delay milliseconds before it looks at a request: so long the write is announced to others and not stored */
export async function startEventServer(onChange: (change: Change) => void = () => undefined, delay = 0): Promise<EventServer> {
  const directory = await mkdtemp(join(tmpdir(), "stunner-events-"));
  const pki = await createPki(directory);
  const inbox = createInbox();
  const offer = (change: Change): void => {
    inbox.take(change);
    onChange(change);
  };
  const handle = createEventEndpoint(new Map([[CLUSTER, { tokens: [TOKEN], offer }]]), (outcome) => inbox.outcomes.push(outcome));
  const [key, cert] = await Promise.all([readFile(pki.files.serverKey), readFile(pki.files.serverCertificate)]);
  const server = createServer({ key, cert }, (req, res) => void setTimeout(() => void handle(req, res), delay));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...inbox,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: pki.ca,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}

export function createInbox(): Inbox & { take(change: Change): void } {
  const changes: Change[] = [];
  const waiting = new Set<() => void>();
  return {
    changes,
    outcomes: [],
    take(change) {
      changes.push(change);
      for (const look of waiting) look();
    },
    change(fits) {
      return new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no such change in 10 s; there were ${JSON.stringify(changes.slice(-20))}`));
        }, 10_000);
        const look = (): void => {
          const found = changes.find(fits);
          if (!found) return;
          clearTimeout(limit);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    },
  };
}

/** Installs the webhook and waits until the API server sends events by it: it reads its configuration now and then. */
export async function installWebhook(client: ClusterClient, server: Pick<EventServer, "url" | "ca"> & Inbox, secrets = false): Promise<Reference> {
  const webhook = eventWebhook({ url: server.url, ca: server.ca, cluster: CLUSTER, token: TOKEN, secrets }) as Manifest;
  const live = await client.apply(webhook, { fieldManager: "user" });
  const probe = { ...reference("stunner.l7mp.io/v1", "StaticService", "probe", "default"), spec: { prefixes: ["192.0.2.1/32"] } };
  while (!server.changes.some(({ name }) => name === "probe")) {
    await client.apply(probe);
    await client.delete(probe);
  }
  return live;
}

/** Calls `act` until it has had its effect: configurations of webhooks are read with a delay. */
export async function untilSo(act: () => Promise<boolean>, limit = 15_000): Promise<void> {
  const deadline = Date.now() + limit;
  while (!(await act())) {
    if (Date.now() > deadline) throw new Error(`not so after ${limit} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

