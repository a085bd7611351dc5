import { hash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { publish } from "../../shared/cds/publish.ts";
import { StaleFence } from "../../shared/cds/publish-errors.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { configOf, readJson, recording } from "../integration/publish-support.ts";
import { PROPERTY_TIMEOUT } from "../support/property.ts";
import { holdsInTime } from "./publish-holds.ts";

const IDS = ["ns/a", "ns/a-b", "ns/b", "ns2/a", "ns2/b"];

interface Step {
  readonly realms: Record<string, string>;
  readonly held: readonly string[];
  readonly fence: number;
}

const realms = fc.dictionary(fc.constantFrom(...IDS), fc.constantFrom("one", "two", "three"), { noNullPrototype: true });
const step: fc.Arbitrary<Step> = fc.record({ realms, held: fc.subarray(IDS), fence: fc.integer({ min: 0, max: 4 }) });

function digestOf(id: string, realm: string): string {
  return hash("sha256", JSON.stringify(configOf(id, realm)).replaceAll("$", String.raw`\u0024`), "hex");
}

// The model: a table of realms, and the greatest fence that changed it.
test("any sequence of publications leaves the index of the model", async () => {
  await holdsInTime([fc.array(step, { maxLength: 8 })], async (steps) => {
    const store = recording(createMemoryStore());
    let table: Map<string, string> | undefined;
    let fence = -1;
    let generation = 0;
    for (const [turn, { realms: wanted, held, fence: own }] of steps.entries()) {
      store.calls.length = 0;
      const configs = new Map(Object.entries(wanted).map(([id, realm]) => [id, { config: configOf(id, realm), uid: "" }]));
      const published = publish(store, { cluster: "c", configs, held: new Set(held), fence: own, now: turn });
      const puts = (): string[] => store.calls.filter((call) => call.startsWith("put"));
      const outcome = await published.catch((error: unknown) => error);
      expect(outcome instanceof StaleFence).toBe(own < fence);
      expect(puts().length > 0 && own < fence).toBe(false);
      if (own < fence) continue;

      const before: Map<string, string> = table ?? new Map();
      const kept = [...before].filter(([id]) => held.includes(id));
      const after = new Map([...kept, ...Object.entries(wanted).filter(([id]) => !held.includes(id))]);
      const changed = IDS.filter((id) => after.has(id) && after.get(id) !== before.get(id)).sort();
      const deleted = IDS.filter((id) => before.has(id) && !after.has(id)).sort();
      const moved = table === undefined || changed.length + deleted.length > 0;
      table = after;
      if (moved) fence = own;
      if (moved) generation = Math.max(generation + 1, turn);

      const result = await published;
      expect(result).toMatchObject({ generation, moved, changed, deleted, refused: [], total: after.size });
      expect(result.writes).toBe(moved ? changed.length + 1 : 0);
      expect(puts()).toHaveLength(result.writes);
      const index = (await readJson(store, "clusters/c/index.json")) as Record<string, unknown>;
      expect(index).toMatchObject({ generation, fence });
      const digests = [...after].map(([id, realm]) => [id, expect.objectContaining({ digest: digestOf(id, realm), uid: "" })]);
      expect(index["configs"]).toEqual(Object.fromEntries(digests));
      for (const [id, realm] of after) {
        const object = await readJson(store, `clusters/c/configs/${id}/${digestOf(id, realm)}.json`);
        expect(object).toEqual(configOf(id, realm));
      }
    }
  });
}, PROPERTY_TIMEOUT);
