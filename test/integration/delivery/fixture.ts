import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Delivery, GatewayIdentity, RemoteDelivery } from "../../../shared/resources/delivery.ts";
import type { RenderResult } from "../../../shared/render/result.ts";
import { dataplane, gateway, rendered } from "../../unit/render/builders.ts";
import { eventually } from "../../support/running-serve.ts";
import { createAuthority, type Authority } from "./certificates.ts";
import { startNameServer } from "./name-server.ts";
import { startPod, type Pod } from "./pod.ts";
import { startTlsCds, type TlsCds } from "./tls-cds.ts";

export const ID = "media/gw";
export const PASSWORD = "planted-password-of-turn";
/** A name that certificates can have, and that curl finds in the hosts file. */
export const HOST = "localhost";

/** CDS, authorities, name server, and pods that are rendered for them. */
export interface World {
  readonly cds: TlsCds;
  readonly authority: Authority;
  /** Nobody trusts it. */
  readonly stranger: Authority;
  /** Where stunnerd tells its health, as configurations say. */
  readonly health: number;
  /** Its UID is its own: the pods of all worlds share one network, as with `hostNetwork`. */
  readonly gateway: GatewayIdentity;
  delivery(kind: "proxy" | "pull", more?: Partial<RemoteDelivery>): RemoteDelivery;
  render(delivery: Delivery): RenderResult;
  /** @param programs directory of some that stand for the system's */
  startPod(delivery: Delivery, programs?: string): Pod;
  /** A configuration that bears a number. */
  config(number: number, more?: object): string;
  /** Serves it. */
  set(number: number, more?: object): void;
  /** Resolves when stunnerd has taken the configuration with the number. */
  arrives(number: number, milliseconds?: number): Promise<void>;
  /** The number of the configuration that stunnerd has; undefined where it does not answer or is not ready. */
  current(): Promise<number | undefined>;
  close(): Promise<void>;
}

export async function createWorld(stunnerd: readonly string[]): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), "stunner-delivery-"));
  const [authority, stranger] = [createAuthority(directory, "authority"), createAuthority(directory, "stranger")];
  const names = await startNameServer();
  const cds = await startTlsCds(authority.sign(HOST));
  const identity = { namespace: "media", name: "gw", uid: randomUUID() };
  cds.source.uids = { [ID]: identity.uid };
  const [health, turn] = [await freePort(), await freePort()];
  const pods: Pod[] = [];

  const config = (number: number, more: object = {}): string =>
    JSON.stringify({
      version: "v1",
      admin: { name: ID, loglevel: "all:INFO", healthcheck_endpoint: `http://127.0.0.1:${health}` },
      auth: { type: "static", realm: "stunner.l7mp.io", credentials: { password: PASSWORD, username: "u" } },
      listeners: [{ name: `${ID}/udp`, protocol: "TURN-UDP", public_address: "127.0.0.1", public_port: number, address: "127.0.0.1", port: turn, routes: ["ns/route"] }],
      ...more,
    });

  const render = (delivery: Delivery): RenderResult =>
    rendered([gateway(undefined, {}, ID, { uid: identity.uid }), dataplane({ command: ["stunnerd"], args: ["-w", "--udp-thread-num=16"] })], { delivery });

  async function current(): Promise<number | undefined> {
    try {
      const ready = await fetch(`http://127.0.0.1:${health}/ready`);
      const answer = await fetch(`http://127.0.0.1:${health}/status`);
      const { listeners = [] } = (await answer.json()) as { listeners?: readonly { public_port?: number }[] };
      return ready.ok ? listeners[0]?.public_port : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    cds,
    authority,
    stranger,
    health,
    gateway: identity,
    render,
    delivery: (kind, more = {}) => ({
      kind,
      endpoint: { host: HOST, port: cds.port, path: "/c/prod" },
      ca: authority.ca,
      image: "sidecar:1",
      imagePullPolicy: "IfNotPresent",
      resources: {},
      pollSeconds: 1,
      token: cds.token,
      ...more,
    }),
    startPod(delivery, programs = "") {
      const pod = startPod(render(delivery), { nameServer: names.address, stunnerd, programs });
      pods.push(pod);
      return pod;
    },
    config,
    set: (number, more) => cds.source.set({ [ID]: config(number, more) }),
    arrives: (number, milliseconds = 20_000) => eventually(async () => (await current()) === number, milliseconds),
    current,
    async close() {
      await Promise.all(pods.map((pod) => pod.stop()));
      await cds.stop();
      names.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
