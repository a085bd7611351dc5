import { textFrame } from "./frame.ts";
import { hasPlaceholder, patchAddress } from "./patch.ts";
import type { ConfigEntry } from "./source.ts";

/** A configuration as one client gets it. */
export class Rendition {
  /** Tells this text from every other one that the same id ever had. */
  readonly tag: string;
  readonly text: Buffer;
  #frame: Buffer | undefined;

  constructor(tag: string, text: Buffer) {
    this.tag = tag;
    this.text = text;
  }

  /** As a WebSocket message; always the same Buffer, which all watchers share. */
  get frame(): Buffer {
    this.#frame ??= textFrame(this.text);
    return this.#frame;
  }
}

/** Renditions of one configuration that are kept at most; beyond it they are made again. */
const KEPT = 16;

/**
 * Makes renditions and keeps those of the configuration asked for last: a change is pushed to all watchers of one
 * configuration before the next one's turn, and a crowd that reconnects mostly wants the same. Nothing else is kept,
 * so that watched configurations do not take memory twice.
 */
export class Renditions {
  #entry: ConfigEntry | undefined;
  #patched = false;
  readonly #made = new Map<string, Rendition>();

  /** @param address what stands for the node placeholder; undefined: it stays, as in lists (spec/cds.md 7) */
  of(entry: ConfigEntry, address: string | undefined): Rendition {
    if (entry !== this.#entry) this.#turnTo(entry);
    const key = this.#patched && address !== undefined ? address : "";
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made =
      key === "" ? new Rendition(entry.digest, entry.text) : new Rendition(`${entry.digest}-${key}`, patchAddress(entry.text, key));
    if (this.#made.size >= KEPT) this.#made.clear();
    this.#made.set(key, made);
    return made;
  }

  #turnTo(entry: ConfigEntry): void {
    this.#entry = entry;
    this.#patched = hasPlaceholder(entry.text);
    this.#made.clear();
  }
}
