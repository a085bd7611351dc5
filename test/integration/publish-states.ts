import type { Publication } from "../../shared/cds/publish.ts";
import { publication } from "./publish-support.ts";

/**
 * State number `turn` of a cluster, as realms by id: one config that changes every time, one that never does, one that
 * comes and goes, one that is another one every time, and a few more, so that many writes are under way at a time.
 */
export function stateOf(turn: number): Record<string, string> {
  return {
    "ns/changing": `state-${turn}`,
    "ns/constant": "constant",
    ...(turn % 2 === 0 ? { "ns/even": `state-${turn}` } : { "ns/odd": `state-${turn}` }),
    [`ns/new-${turn}`]: `state-${turn}`,
    ...Object.fromEntries(Array.from({ length: 4 }, (_, index) => [`other/${index}`, `state-${turn}`])),
  };
}

export function publicationOf(turn: number): Publication {
  return publication(stateOf(turn), { fence: turn, now: turn });
}
