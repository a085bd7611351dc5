import { describe, expect, it } from "vitest";
import { contains, covers, parseEndpoint } from "../../../shared/render/parsed-endpoint.ts";

// spec/stunnerd.md 7.1: the notation of endpoints.
describe("parseEndpoint", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1", "ipv4", 1, 65_535, false],
    ["10.0.0.1:<100-200>", "10.0.0.1", "ipv4", 100, 200, false],
    ["10.0.0.0/8:<5-5>", "10.0.0.0", "ipv4", 5, 5, true],
    ["0.0.0.0/0", "0.0.0.0", "ipv4", 1, 65_535, true],
    ["2001:db8::1:<5-7>", "2001:db8::1", "ipv6", 5, 7, false],
    ["2001:DB8:0:0::1", "2001:db8::1", "ipv6", 1, 65_535, false],
    ["2001:db8::/32:<1-2>", "2001:db8::", "ipv6", 1, 2, true],
    ["::1", "::1", "ipv6", 1, 65_535, false],
  ])("%s", (text, address, family, low, high, isPrefix) => {
    const parsed = parseEndpoint(text);
    expect(parsed).toMatchObject({ address, family, range: { low, high } });
    expect(parsed.network.first < parsed.network.last).toBe(isPrefix);
  });
});

describe("contains", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1", true, true],
    ["10.0.0.1", "10.0.0.2", false, false],
    ["10.0.0.1:<1-2>", "10.0.0.1:<5-6>", true, true],
    ["10.0.0.0/8", "10.1.2.3", true, false],
    ["10.0.0.0/8", "10.0.0.0", true, false],
    ["10.0.0.0/8", "11.1.2.3", false, false],
    ["10.0.0.0/8", "10.1.0.0/16", true, false],
    ["10.0.0.5/8", "10.0.0.0/8", true, true],
    ["10.0.0.0/8", "10.0.0.0/16", true, false],
    ["10.1.0.0/16", "10.2.0.0/16", false, false],
    ["0.0.0.0/0", "192.0.2.1", true, false],
    ["10.0.0.1/32", "10.0.0.1", true, true],
    ["2001:db8::1", "2001:0db8:0:0:0:0:0:1", true, true],
    ["2001:db8::1", "2001:DB8::1", true, true],
    ["2001:db8::/32", "2001:db8:ffff::1", true, false],
    ["2001:db8::/32", "2001:db9::1", false, false],
    ["2001:db8::/32", "2001:db8:1::/48", true, false],
    ["::/0", "10.0.0.1", false, false],
    ["0.0.0.0/0", "2001:db8::1", false, false],
    ["0.0.0.0/0", "::/0", false, false],
  ])("%s and %s: %s, the other way round %s", (a, b, wanted, reverse) => {
    expect(contains(parseEndpoint(a), parseEndpoint(b))).toBe(wanted);
    expect(contains(parseEndpoint(b), parseEndpoint(a))).toBe(reverse);
  });
});

const range = (low: number, high: number) => ({ low, high });

describe("covers", () => {
  it.each([
    ["the same", [range(5, 9)], range(5, 9), true],
    ["a wider one", [range(1, 10)], range(5, 9), true],
    ["all ports", [range(1, 65_535)], range(1, 65_535), true],
    ["one port short below", [range(6, 9)], range(5, 9), false],
    ["one port short above", [range(5, 8)], range(5, 9), false],
    ["two that touch", [range(5, 6), range(7, 9)], range(5, 9), true],
    ["two that touch, out of order", [range(7, 9), range(5, 6)], range(5, 9), true],
    ["two that overlap", [range(1, 8), range(3, 9)], range(5, 9), true],
    ["two with a hole", [range(5, 6), range(8, 9)], range(5, 9), false],
    ["one inside another", [range(1, 9), range(2, 3)], range(5, 9), true],
    ["a hole in the middle of three", [range(1, 5), range(7, 7), range(8, 20)], range(5, 9), false],
    ["one that admits no port", [range(200, 100)], range(5, 9), false],
    ["one that ends before", [range(1, 4)], range(5, 9), false],
    ["none", [], range(5, 9), false],
  ])("%s: %s", (_, ranges, wanted, is) => {
    expect(covers(ranges, wanted)).toBe(is);
  });

  it("leaves its input as it is", () => {
    const ranges = [range(7, 9), range(5, 6)];
    covers(ranges, range(5, 9));
    expect(ranges).toEqual([range(7, 9), range(5, 6)]);
  });
});
