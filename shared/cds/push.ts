import { WebSocket } from "ws";
import { zeroConfig } from "../resources/stunnerd-config.ts";
import { entriesOf } from "./entries.ts";
import { textFrame } from "./frame.ts";
import { relayAddress } from "./patch.ts";
import { noteSent, sentTag } from "./watcher.ts";
import type { Renditions } from "./rendition.ts";
import type { ConfigSource } from "./source.ts";
import type { Watcher } from "./watcher.ts";

/**
 * Brings watchers up to the present state of the source (spec/cds.md 4.2). What is pushed is decided when it is
 * written, by comparing what the connection has with what there is; so a connection that cannot take more for a while
 * gets only the latest text of each configuration afterwards, and one that has the text gets nothing.
 */
export class Pusher {
  readonly #source: ConfigSource;
  readonly #renditions: Renditions;
  readonly #stall: number;
  readonly #onPushed: () => void;
  readonly #onStalled: (watcher: Watcher) => void;
  #gone: { readonly id: string; readonly frame: Buffer } | undefined;

  /** @param options `stall`: milliseconds that a connection may stay full before `onStalled` is called */
  constructor(
    source: ConfigSource,
    renditions: Renditions,
    options: { stall: number; onPushed: () => void; onStalled: (watcher: Watcher) => void },
  ) {
    this.#source = source;
    this.#renditions = renditions;
    this.#stall = options.stall;
    this.#onPushed = options.onPushed;
    this.#onStalled = options.onStalled;
  }

  /** Pushes everything that a new connection watches, ascending by id; nothing, where nothing matches. */
  greet(watcher: Watcher): void {
    if (watcher.scope.kind === "config") {
      this.push(watcher, watcher.scope.id);
      return;
    }
    for (const { id } of entriesOf(this.#source.entries, watcher.scope.namespace)) this.push(watcher, id);
  }

  push(watcher: Watcher, id: string): void {
    if (watcher.socket.readyState !== WebSocket.OPEN) return;
    const entry = this.#source.entries.get(id);
    if (entry === undefined) {
      if (sentTag(watcher, id) !== undefined) this.#write(watcher, id, undefined, () => this.#goneFrame(id));
      return;
    }
    const { scope } = watcher;
    const address = scope.kind === "config" ? relayAddress(this.#source, scope.node) : undefined;
    const rendition = this.#renditions.of(entry, address);
    if (sentTag(watcher, id) !== rendition.tag) this.#write(watcher, id, rendition.tag, () => rendition.frame);
  }

  /** Waits until a connection has taken what it was given; beyond that nothing is given to it. */
  hold(watcher: Watcher): Set<string> {
    if (watcher.held !== undefined) return watcher.held;
    const held = new Set<string>();
    watcher.held = held;
    watcher.stalled = setTimeout(this.#onStalled, this.#stall, watcher);
    watcher.wire.once("drain", () => {
      clearTimeout(watcher.stalled);
      watcher.held = undefined;
      for (const id of held) this.push(watcher, id);
    });
    return held;
  }

  #write(watcher: Watcher, id: string, tag: string | undefined, frame: () => Buffer): void {
    if (watcher.wire.writableNeedDrain) {
      this.hold(watcher).add(id);
      return;
    }
    // Past ws, to the socket it was given: ws would build the same frame once for every watcher.
    watcher.wire.write(frame());
    noteSent(watcher, id, tag);
    this.#onPushed();
  }

  #goneFrame(id: string): Buffer {
    if (this.#gone?.id !== id) this.#gone = { id, frame: textFrame(Buffer.from(JSON.stringify(zeroConfig(id)))) };
    return this.#gone.frame;
  }
}
