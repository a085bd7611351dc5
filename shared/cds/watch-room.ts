import { WebSocket, WebSocketServer } from "ws";
import { endOf, startAging } from "./aging.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { Pusher } from "./push.ts";
import { newStats } from "./stats.ts";
import { tooMany, unavailable } from "./refusals.ts";
import { newWatcher } from "./watcher.ts";
import { Watchers } from "./watchers.ts";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Answer } from "./answer.ts";
import type { Grant } from "./guard.ts";
import type { CdsLimits } from "./limits.ts";
import type { Renditions } from "./rendition.ts";
import type { ConfigSource, SourceChange } from "./source.ts";
import type { CdsStats } from "./stats.ts";
import type { Scope, Watcher } from "./watcher.ts";

/** The part of a pino logger that is used here. */
export interface CdsLog {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
}

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

/** All watching connections from handshake to end: what comes in on them, and who is told of a change (spec/cds.md 3 to 5). */
export class WatchRoom {
  readonly stats: CdsStats = newStats();
  readonly #limits: CdsLimits;
  readonly #log: CdsLog | undefined;
  readonly #watchers = new Watchers();
  /** Watchers by whose token they came with. */
  readonly #held = new Map<string, number>();
  readonly #pusher: Pusher;
  readonly #handshakes: WebSocketServer;
  readonly #stops: (() => void)[];
  readonly #empty = Promise.withResolvers<void>();
  #closing = false;

  constructor(source: ConfigSource, renditions: Renditions, limits: CdsLimits, log: CdsLog | undefined) {
    this.#limits = limits;
    this.#log = log;
    this.#handshakes = new WebSocketServer(socketOptions(limits));
    this.#pusher = new Pusher(source, renditions, {
      stall: limits.stall,
      onPushed: () => {
        this.stats.pushed += 1;
      },
      onStalled: (watcher) => this.#cut(watcher, "slow"),
    });
    const onSilent = (watcher: Watcher): void => this.#cut(watcher, "silent");
    const onLook = (watcher: Watcher): void => void this.#mayStay(watcher);
    this.#stops = [source.subscribe((change) => this.#spread(change)), startHeartbeat(this.#watchers, limits.heartbeat, onSilent, onLook)];
    if (limits.age !== undefined) this.#stops.push(startAging(this.#watchers, (watcher) => this.#sendAway(watcher)));
  }

  /** Why one more may not come in; undefined: it may. */
  refusal(grant: Grant | undefined): Answer | undefined {
    if (this.#closing || this.#watchers.size >= this.#limits.watchers) return unavailable("No more watchers can be served now");
    const held = grant === undefined ? 0 : (this.#held.get(grant.holder) ?? 0);
    return held < this.#limits.watchersPerToken ? undefined : tooMany("Too many watchers have this token");
  }

  /** @param req a proper WebSocket handshake */
  admit(req: IncomingMessage, socket: Duplex, head: Buffer, scope: Scope, grant: Grant | undefined): void {
    this.#handshakes.handleUpgrade(req, socket, head, (webSocket) => this.#enter(newWatcher(webSocket, req.socket, scope, grant, endOf(this.#limits.age, performance.now()))));
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const stop of this.#stops) stop();
    for (const { socket } of this.#watchers) socket.close(GOING_AWAY);
    const force = setTimeout(() => {
      for (const { socket } of this.#watchers) socket.terminate();
    }, this.#limits.closing);
    if (this.#watchers.size > 0) await this.#empty.promise;
    clearTimeout(force);
  }

  #enter(watcher: Watcher): void {
    const { socket } = watcher;
    socket.on("ping", (data: Buffer) => this.#onPing(watcher, data));
    socket.on("message", () => this.#onFrame(watcher));
    socket.on("error", () => this.#onGarbage(watcher));
    socket.on("close", () => this.#leave(watcher));
    this.#watchers.add(watcher);
    this.#count(watcher, 1);
    this.stats.accepted += 1;
    this.stats.watchers = this.#watchers.size;
    this.#pusher.greet(watcher);
  }

  #leave(watcher: Watcher): void {
    clearTimeout(watcher.stalled);
    this.#watchers.delete(watcher);
    this.#count(watcher, -1);
    this.stats.watchers = this.#watchers.size;
    if (this.#closing && this.#watchers.size === 0) this.#empty.resolve();
  }

  #spread({ changed, deleted, nodes }: SourceChange): void {
    for (const id of [...changed.map((entry) => entry.id), ...deleted]) {
      for (const watcher of this.#watchers.ofConfig(id)) if (this.#mayStay(watcher)) this.#pusher.push(watcher, id);
    }
    for (const watcher of nodes.flatMap((node) => [...this.#watchers.ofNode(node)])) if (this.#mayStay(watcher)) this.#pusher.greet(watcher);
  }

  /** False: its token opens this no more, and it is being sent away. */
  #mayStay({ socket, grant, scope }: Watcher): boolean {
    if (grant === undefined || grant.holds()) return true;
    if (socket.readyState === WebSocket.OPEN) {
      this.stats.revoked += 1;
      this.#log?.debug({ scope }, "CDS watcher has a token that opens this no more");
      socket.close(POLICY_VIOLATION);
    }
    return false;
  }

  /** It comes back at once, perhaps to another instance. */
  #sendAway({ socket }: Watcher): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    this.stats.aged += 1;
    socket.close(GOING_AWAY);
  }

  #count({ grant }: Watcher, change: 1 | -1): void {
    if (grant === undefined) return;
    const count = (this.#held.get(grant.holder) ?? 0) + change;
    if (count === 0) this.#held.delete(grant.holder);
    else this.#held.set(grant.holder, count);
  }

  /** Answered at once (spec/cds.md 5.1), except while the client does not read its answers. */
  #onPing(watcher: Watcher, data: Buffer): void {
    if (!this.#onFrame(watcher)) return;
    if (watcher.wire.writableNeedDrain) this.#pusher.hold(watcher);
    else watcher.socket.pong(data);
  }

  /** What a client says is of no interest, only that it does not say too much. False: it is being cut. */
  #onFrame(watcher: Watcher): boolean {
    watcher.frames += 1;
    if (watcher.frames > this.#limits.frames) this.#cut(watcher, "noisy");
    return watcher.socket.readyState === WebSocket.OPEN;
  }

  /** ws has sent a close frame with the fitting code already and waits for the client to go. */
  #onGarbage({ scope }: Watcher): void {
    this.stats.noisy += 1;
    this.#log?.debug({ scope }, "CDS watcher broke the WebSocket protocol");
  }

  #cut({ socket, scope }: Watcher, why: "slow" | "silent" | "noisy"): void {
    if (socket.readyState !== WebSocket.OPEN) return; // ws ends by itself what is closing
    this.stats[why] += 1;
    this.#log?.debug({ scope, why }, "CDS watcher cut");
    socket.terminate();
  }
}

function socketOptions(limits: CdsLimits): ConstructorParameters<typeof WebSocketServer>[0] {
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    handleProtocols: () => false as const,
    // Pings are answered here: ws would go on answering a client that does not read.
    autoPong: false,
    maxPayload: limits.message,
    skipUTF8Validation: true,
    // Known to ws, not to its types.
    closeTimeout: limits.closing,
  };
  return options;
}
