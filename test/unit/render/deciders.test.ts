import { describe, expect, it } from "vitest";
import { decidersOf } from "../../../shared/render/deciders.ts";
import { parseEndpoint } from "../../../shared/render/parsed-endpoint.ts";

/** Blocks as `address/last route low-high,… >end` with `!` where some port is closed inside. */
const decide = (...given: [route: string, endpoint: string][]) =>
  decidersOf(given.map(([route, text]) => ({ route, endpoint: parseEndpoint(text) }))).map(({ endpoint, route, ranges, end, limited }) => {
    const size = endpoint.network.last - endpoint.network.first + 1n;
    const ports = ranges.map(({ low, high }) => `${low}-${high}`).join(",");
    return `${endpoint.address} x${size} ${route} ${ports} >${end}${limited ? " !" : ""}`;
  });

// spec/stunnerd.md 7.3: the least route that contains an address decides, with all of its ranges there.
describe("decidersOf", () => {
  it("has nothing for nothing", () => {
    expect(decide()).toEqual([]);
  });

  it.each<[string, [string, string][], string[]]>([
    ["one address", [["a", "10.0.0.1"]], ["10.0.0.1 x1 a 1-65535 >1"]],
    ["one address with ports", [["a", "10.0.0.1:<5-9>"]], ["10.0.0.1 x1 a 5-9 >1 !"]],
    ["two addresses, ascending", [["a", "10.0.0.2"], ["b", "10.0.0.1"]], ["10.0.0.1 x1 b 1-65535 >1", "10.0.0.2 x1 a 1-65535 >2"]],
    ["numbers, not texts", [["a", "10.0.0.10"], ["a", "10.0.0.9"]], ["10.0.0.9 x1 a 1-65535 >1", "10.0.0.10 x1 a 1-65535 >2"]],
    ["the least of two routes", [["b", "10.0.0.1:<1-2>"], ["a", "10.0.0.1:<5-6>"]], ["10.0.0.1 x1 a 5-6 >1 !"]],
    ["all ranges of one route", [["a", "10.0.0.1:<1-2>"], ["b", "10.0.0.1"], ["a", "10.0.0.1:<5-6>"]], ["10.0.0.1 x1 a 1-2,5-6 >1 !"]],
    [
      "a wide block before what is inside it",
      [["b", "10.0.0.0"], ["a", "10.0.0.0/8"], ["b", "11.0.0.0"]],
      ["10.0.0.0 x16777216 a 1-65535 >2", "10.0.0.0 x1 a 1-65535 >2", "11.0.0.0 x1 b 1-65535 >3"],
    ],
    [
      "an inner block that is less",
      [["b", "10.0.0.0/8"], ["a", "10.0.0.1:<5-5>"]],
      ["10.0.0.0 x16777216 b 1-65535 >2 !", "10.0.0.1 x1 a 5-5 >2 !"],
    ],
    [
      "an inner block of the same route, which adds its ranges",
      [["a", "10.0.0.0/8:<1-9>"], ["a", "10.0.0.1:<20-30>"]],
      ["10.0.0.0 x16777216 a 1-9 >2 !", "10.0.0.1 x1 a 1-9,20-30 >2 !"],
    ],
    [
      "three deep, closed at the innermost",
      [["c", "10.0.0.0/8"], ["b", "10.1.0.0/16"], ["a", "10.1.0.1:<1-1>"], ["z", "10.2.0.0/16"]],
      ["10.0.0.0 x16777216 c 1-65535 >4 !", "10.1.0.0 x65536 b 1-65535 >3 !", "10.1.0.1 x1 a 1-1 >3 !", "10.2.0.0 x65536 c 1-65535 >4"],
    ],
    [
      "what is closed beside it",
      [["a", "10.0.0.0/16"], ["b", "10.1.0.0/16:<1-1>"]],
      ["10.0.0.0 x65536 a 1-65535 >1", "10.1.0.0 x65536 b 1-1 >2 !"],
    ],
    ["both families apart", [["a", "::/0"], ["b", "0.0.0.0/0"]], ["0.0.0.0 x4294967296 b 1-65535 >1", `:: x${2n ** 128n} a 1-65535 >2`]],
    ["one block spelled twice", [["b", "10.0.0.5/8:<1-1>"], ["a", "10.0.0.0/8"]], ["10.0.0.5 x16777216 a 1-65535 >1"]],
  ])("%s", (_, given, wanted) => {
    expect(decide(...given)).toEqual(wanted);
  });
});
