import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { handshake, openWatch } from "./raw-client.ts";
import type { Socket } from "node:net";
import type { RawWatcher, Secure } from "./raw-client.ts";

/** Handshakes under way at a time. */
const BATCH = 250;
/** Parts of a second that a storm begins in. */
const TICKS = 50;

/** Many watching connections, which count what they get. */
export class Crowd {
  readonly watchers: RawWatcher[] = [];
  /** Connections that broke before they were watches, and were tried again. */
  retries = 0;
  readonly #waiting: { count: number; resolve: () => void }[] = [];
  #got = 0;

  /** @param pathOf path and query of each watch */
  async join(port: number, count: number, pathOf: (index: number) => string, secure?: Secure): Promise<void> {
    for (let start = 0; start < count; start += BATCH) {
      const indexes = Array.from({ length: Math.min(BATCH, count - start) }, (_, index) => start + index);
      this.watchers.push(...(await Promise.all(indexes.map((index) => this.#enter(port, pathOf(index), secure)))));
    }
  }

  /** All of them begin within a second, whether or not the others are in already. */
  async storm(port: number, count: number, path: string, secure: Secure): Promise<void> {
    const begun: Promise<RawWatcher>[] = [];
    for (let tick = 0; tick < TICKS; tick += 1) {
      const due = Math.ceil((count * (tick + 1)) / TICKS);
      while (begun.length < due) begun.push(this.#enter(port, path, secure));
      await setTimeout(1000 / TICKS - 1);
    }
    this.watchers.push(...(await Promise.all(begun)));
  }

  /** Waits until so many texts have come since the last `forget`. */
  async got(count: number): Promise<void> {
    if (this.#got >= count) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }

  forget(): void {
    this.#got = 0;
    for (const { arrivals } of this.watchers) arrivals.length = 0;
  }

  /** Texts that each watcher got since the last `forget`. */
  counts(): number[] {
    return this.watchers.map(({ arrivals }) => arrivals.length);
  }

  /** Milliseconds after `at` at which texts came, ascending. */
  delays(at: string): number[] {
    return this.watchers.flatMap(({ arrivals }) => arrivals.map((arrival) => Number(arrival - BigInt(at)) / 1e6)).sort((a, b) => a - b);
  }

  leave(): void {
    for (const { socket } of this.watchers) socket.destroy();
  }

  /** Tries again after a second, as stunnerd does (spec/cds.md 5). */
  async #enter(port: number, path: string, secure: Secure | undefined): Promise<RawWatcher> {
    for (;;) {
      try {
        return await openWatch(port, path, () => this.#count(), secure);
      } catch {
        this.retries += 1;
        await setTimeout(1000);
      }
    }
  }

  #count(): void {
    this.#got += 1;
    const first = this.#waiting[0];
    if (first === undefined || this.#got < first.count) return;
    this.#waiting.shift();
    first.resolve();
  }
}

/** Opens watches and never reads a byte of what comes. */
export async function openDeaf(port: number, count: number, path: string): Promise<Socket[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.pause();
      socket.on("error", () => undefined);
      await new Promise((resolve) => socket.write(handshake(port, path), resolve));
      return socket;
    }),
  );
}
