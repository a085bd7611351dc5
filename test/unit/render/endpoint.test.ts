import { describe, expect, it } from "vitest";
import { isAddressOrPrefix, portRange, rangeSuffix } from "../../../shared/render/endpoint.ts";

// spec/stunnerd.md 7.1.
describe("isAddressOrPrefix", () => {
  it.each([
    "10.0.0.1",
    "::1",
    "2001:db8::1",
    "10.0.0.5/8",
    "0.0.0.0/0",
    "192.0.2.1/32",
    "192.0.2.0/10",
    "2001:db8::/32",
    "2001:db8::1/128",
    "::/0",
    "2001:db8::/99",
  ])("takes %s", (text) => {
    expect(isAddressOrPrefix(text)).toBe(true);
  });

  it.each([
    "",
    "dummy",
    "sfu.media.svc.cluster.local",
    "10.0.0",
    "10.0.0.256",
    " 10.0.0.1",
    "10.0.0.1 ",
    "10.0.0.1/33",
    "2001:db8::/129",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/8x",
    "x10.0.0.0/8",
    "10.0.0.0/x8",
    "10.0.0.0/08",
    "10.0.0.0/1000",
    "10.0.0.0/8/8",
    "/8",
    "[::1]",
    "10.0.0.1:100",
    "10.0.0.1:<1-2>",
    "fe80::1%eth0",
    "fe80::1%eth0/64",
    "*",
  ])("does not take %j", (text) => {
    expect(isAddressOrPrefix(text)).toBe(false);
  });
});

// spec/rendering.md 6.4, port range suffix; edge cases 75 and 79.
describe("port range of a backendRef", () => {
  it.each([
    [undefined, undefined, ""],
    [5, undefined, ":<5-5>"],
    [1, undefined, ":<1-1>"],
    [65_535, undefined, ":<65535-65535>"],
    [20_000, 30_000, ":<20000-30000>"],
    [undefined, 200, ":<1-200>"],
    [undefined, 1, ":<1-1>"],
    [undefined, 65_535, ""],
    [300, 200, ":<300-300>"],
    [300, 300, ":<300-300>"],
    [1, 65_535, ""],
    [2, 65_535, ":<2-65535>"],
    [1, 65_534, ":<1-65534>"],
    [0, undefined, ""],
    [-5, 200, ":<1-200>"],
    [70_000, 200, ":<1-200>"],
    [65_536, undefined, ""],
    [5, 65_536, ":<5-5>"],
    [5, 0, ":<5-5>"],
    [5, -1, ":<5-5>"],
    [undefined, 0, ""],
    [1.5, undefined, ""],
  ])("port %s, endPort %s: %j", (port, endPort, suffix) => {
    expect(rangeSuffix(portRange(port, endPort))).toBe(suffix);
  });

  it("has numbers too", () => {
    expect(portRange(5, 9)).toEqual({ low: 5, high: 9 });
    expect(portRange(undefined, undefined)).toEqual({ low: 1, high: 65_535 });
  });
});
