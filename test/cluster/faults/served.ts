import { isObject, textOf, type Json } from "../../support/json.ts";
import { flawsOfConfig } from "../../support/stunnerd-schema.ts";

/** What a watcher of all configurations knows: the last text of each, by `namespace/name`. A deletion is a text, too. */
export type Served = ReadonlyMap<string, string>;

export function idOf(text: string): string {
  const config = JSON.parse(text) as Json;
  return isObject(config) && isObject(config["admin"]) ? textOf(config["admin"], "name") : "";
}

export function afterwards(before: Served, texts: readonly string[]): Served {
  return new Map([...before, ...texts.map((text) => [idOf(text), text] as const)]);
}

/**
 * What is wrong with what a watcher was sent while one state became another: each text must be of the one or of the
 * other, and nothing may go back. Of a Gateway of which nothing was served before, what could be read may come first.
 */
export function flawsOfTransition(before: Served, after: Served, texts: readonly string[]): string[] {
  const isNew = new Set<string>();
  return texts.flatMap((text) => {
    const id = idOf(text);
    const flaws = isDeletion(text) ? [] : flawsOfConfig(JSON.parse(text) as Json, { certificates: "verify" });
    if (text === after.get(id)) isNew.add(id);
    else if (!before.has(id) && !isNew.has(id)) return flaws;
    else if (text !== before.get(id)) flaws.push("is neither the old nor the new one");
    else if (isNew.has(id)) flaws.push("is the old one again");
    return flaws.map((flaw) => `the configuration of ${id} ${flaw}: ${text}`);
  });
}

/** The text that tells of a deletion has dummy credentials and no more (spec/cds.md 4.2). */
function isDeletion(text: string): boolean {
  return text.includes('"dummy-password"');
}
