import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../shared/resources/meta.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";
import { gateway, rendered, route, staticService } from "../unit/render/builders.ts";
import { refsMessage } from "../unit/render/reading.ts";

/** Blocks of the sixteen addresses from 192.0.2.0 on. */
const block = fc.oneof(
  fc.nat(15).map((first) => ({ first, bits: 32 })),
  fc.constantFrom(30, 29, 28).chain((bits) => fc.nat(2 ** (bits - 28) - 1).map((place) => ({ first: place * 2 ** (32 - bits), bits }))),
);
const ports = fc.constantFrom({ low: 1, high: 65_535 }, { low: 1, high: 5 }, { low: 3, high: 9 }, { low: 6, high: 9 }, { low: 4, high: 4 });
const peer = fc.record({ block, ports });
type Peer = typeof peer extends fc.Arbitrary<infer T> ? T : never;
const routes = fc.array(fc.array(peer, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 5 });

const has = ({ block: { first, bits } }: Peer, address: number): boolean => address >= first && address < first + 2 ** (32 - bits);
const opens = ({ ports: { low, high } }: Peer, port: number): boolean => port >= low && port <= high;
/** Every port at which something begins or ends. */
const PORTS = [1, 2, 3, 4, 5, 6, 7, 9, 10, 65_535];

/** Whether a peer's address and port are open to a route by themselves and closed by an earlier route that has the address. */
function isShadowed(all: readonly Peer[][], index: number): boolean {
  const own = all[index] ?? [];
  return Array.from({ length: 16 }, (_, address) => address).some((address) => {
    const decider = all.findIndex((peers) => peers.some((one) => has(one, address)));
    if (decider < 0 || decider >= index) return false;
    const open = (peers: readonly Peer[], port: number): boolean => peers.some((one) => has(one, address) && opens(one, port));
    return PORTS.some((port) => open(own, port) && !open(all[decider] ?? [], port));
  });
}

const nameOf = (index: number): string => `r${index}`;

function objectsOf(all: readonly Peer[][]): KubeObject[] {
  return all.flatMap((peers, index) => {
    const refs = peers.map(({ ports: { low: port, high: endPort } }, place) => ({
      group: "stunner.l7mp.io",
      kind: "StaticService",
      name: `${nameOf(index)}-${place}`,
      port,
      endPort,
    }));
    const services = peers.map(({ block: { first, bits } }, place) =>
      staticService(`media/${nameOf(index)}-${place}`, [bits === 32 ? `192.0.2.${first}` : `192.0.2.${first}/${bits}`]),
    );
    return [route(refs, {}, `media/${nameOf(index)}`), ...services];
  });
}

const allFrom = (port: number) => [{ group: "stunner.l7mp.io", kind: "StaticService", name: "all", port, endPort: 65_535 }];

describe("a route in the shadow of an earlier one (improvements I36, spec/stunnerd.md 7.3)", () => {
  it(
    "is told whenever stunnerd drops what it alone would let through",
    () => {
      holds([routes], (all) => {
        const result = rendered([gateway(), ...objectsOf(all)]);
        const shadowed = all.map((_, index) => index).filter((index) => isShadowed(all, index));
        const told = all
          .map((_, index) => index)
          .filter((index) => refsMessage(result, `media/${nameOf(index)}`).includes("comes first for"));
        expect(told).toEqual(expect.arrayContaining(shadowed));
      });
    },
    PROPERTY_TIMEOUT,
  );

  it(
    "is not told where the earlier routes open the same ports",
    () => {
      holds([routes, ports], (all, same) => {
        const uniform = all.map((peers) => peers.map((one) => ({ ...one, ports: same })));
        const result = rendered([gateway(), ...objectsOf(uniform)]);
        for (const index of uniform.keys()) expect(refsMessage(result, `media/${nameOf(index)}`)).not.toContain("comes first for");
      });
    },
    PROPERTY_TIMEOUT,
  );

  it("costs no more than some milliseconds for each of many routes to one backend", () => {
    const backends = Array.from({ length: 20 }, (_, last) => `198.51.100.${last}`);
    const many = Array.from({ length: 400 }, (_, index) => route(allFrom(index + 1), {}, `media/r${1000 + index}`));
    const start = process.cpuUsage();
    rendered([gateway(), staticService("media/all", backends), ...many]);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});
