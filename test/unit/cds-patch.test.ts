import { describe, expect, it } from "vitest";
import { hasPlaceholder, patchAddress, relayAddress } from "../../shared/cds/patch.ts";
import { Renditions } from "../../shared/cds/rendition.ts";
import type { ConfigEntry } from "../../shared/cds/source.ts";

const PLACEHOLDER = "__node_address_placeholder";

function patched(config: unknown, address: string, indent?: number): unknown {
  return JSON.parse(patchAddress(Buffer.from(JSON.stringify(config, undefined, indent)), address).toString());
}

describe("patching (spec/cds.md 7)", () => {
  it("leaves a text without placeholder alone, the very same Buffer", () => {
    const text = Buffer.from('{"listeners":[{"address":"$STUNNER_ADDR"}]}');
    expect(patchAddress(text, "203.0.113.7")).toBe(text);
    expect(hasPlaceholder(text)).toBe(false);
  });

  it.each([undefined, 2])("replaces the address of every listener that has it, and nothing else (indent %s)", (indent) => {
    const config = {
      admin: { name: PLACEHOLDER },
      auth: { credentials: { username: PLACEHOLDER, password: `"address":"${PLACEHOLDER}"` } },
      listeners: [
        { name: "ns/gw/a", address: PLACEHOLDER, public_address: PLACEHOLDER },
        { name: "ns/gw/b", address: "198.51.100.1" },
        { name: "ns/gw/c", address: `${PLACEHOLDER}x` },
        { name: "ns/gw/é", address: PLACEHOLDER },
      ],
    };
    const [a, b, c, d] = config.listeners;
    expect(patched(config, "2001:db8::1", indent)).toEqual({
      ...config,
      listeners: [{ ...a, address: "2001:db8::1" }, b, c, { ...d, address: "2001:db8::1" }],
    });
  });

  it("takes $STUNNER_ADDR literally", () => {
    expect(patched({ address: PLACEHOLDER }, "$STUNNER_ADDR")).toEqual({ address: "$STUNNER_ADDR" });
  });
});

describe("the address of a node", () => {
  const nodes: Record<string, string> = {
    four: "203.0.113.7",
    six: "2001:db8::1",
    zone: "fe80::1%eth0",
    name: "node.example.com",
    port: "203.0.113.7:80",
    quote: '","x":"',
    "": "203.0.113.9",
  };
  const source = { nodeAddress: (node: string): string | undefined => nodes[node] };

  it.each([
    ["four", "203.0.113.7"],
    ["six", "2001:db8::1"],
    ["zone", "$STUNNER_ADDR"],
    ["name", "$STUNNER_ADDR"],
    ["port", "$STUNNER_ADDR"],
    ["quote", "$STUNNER_ADDR"],
    ["unknown", "$STUNNER_ADDR"],
    ["", "$STUNNER_ADDR"],
  ])("%s: %s", (node, address) => {
    expect(relayAddress(source, node)).toBe(address);
  });
});

describe("renditions", () => {
  const plain: ConfigEntry = { id: "a/b", digest: "d1", text: Buffer.from('{"address":"$STUNNER_ADDR"}') };
  const perNode: ConfigEntry = { id: "a/c", digest: "d2", text: Buffer.from(`{"address":"${PLACEHOLDER}"}`) };

  it("are the same for everyone where there is nothing to patch", () => {
    const renditions = new Renditions();
    const one = renditions.of(plain, "203.0.113.7");
    expect(renditions.of(plain, "203.0.113.8")).toBe(one);
    expect(renditions.of(plain, undefined)).toBe(one);
    expect(one.text).toBe(plain.text);
    expect(one.frame.toString("latin1")).toBe('\u0081\u001b{"address":"$STUNNER_ADDR"}');
    expect(one.frame).toBe(one.frame);
    expect(one.tag).toBe("d1");
  });

  it("differ by address, and their tags with them", () => {
    const renditions = new Renditions();
    const texts = [undefined, "203.0.113.7", "203.0.113.8"].map((address) => renditions.of(perNode, address));
    expect(texts.map(({ text }) => text.toString())).toEqual([
      `{"address":"${PLACEHOLDER}"}`,
      '{"address":"203.0.113.7"}',
      '{"address":"203.0.113.8"}',
    ]);
    expect(new Set(texts.map(({ tag }) => tag)).size).toBe(3);
    expect(renditions.of(perNode, "203.0.113.7")).toBe(texts[1]);
  });

  it("of another configuration, or of many addresses, make room", () => {
    const renditions = new Renditions();
    const first = renditions.of(perNode, "203.0.113.7");
    renditions.of(plain, undefined);
    const second = renditions.of(perNode, "203.0.113.7");
    expect(second).not.toBe(first);
    expect(second.tag).toBe(first.tag);
    for (let last = 1; last < 16; last += 1) renditions.of(perNode, `198.51.100.${last}`);
    expect(renditions.of(perNode, "203.0.113.7")).toBe(second);
    renditions.of(perNode, "198.51.100.16");
    const third = renditions.of(perNode, "203.0.113.7");
    expect(third).not.toBe(second);
    expect(third.text.toString()).toBe('{"address":"203.0.113.7"}');
  });
});
