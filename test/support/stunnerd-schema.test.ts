import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { childOf, type JsonObject } from "./json.ts";
import { readAsStunnerd } from "./stunnerd-reading.ts";
import { flawsOfConfig } from "./stunnerd-schema.ts";

const pem = (file: string): string => readFileSync(new URL(`./certificates/${file}`, import.meta.url)).toString("base64");
const udp = { name: "ns/gw/udp", protocol: "TURN-UDP", address: "$STUNNER_ADDR", port: 3478, routes: ["ns/a", "ns/b"] };
const tls = {
  name: "ns/gw/tls",
  protocol: "TURN-TLS",
  public_address: "192.0.2.1",
  public_port: 443,
  address: "10.0.0.1",
  port: 443,
  cert: pem("one.crt"),
  key: pem("one.key"),
};
const cluster = { name: "ns/a", type: "STATIC", protocol: "UDP", endpoints: ["10.0.0.1", "10.0.0.1:<5-6>", "2001:db8::/32:<1-2>"] };
const good: JsonObject = {
  version: "v1",
  admin: { name: "ns/gw", loglevel: "all:INFO", healthcheck_endpoint: "http://:8086", offload_engine: "None" },
  auth: { type: "static", realm: "turn.example", credentials: { password: "p", username: "u" } },
  listeners: [udp, tls],
  clusters: [cluster],
};

/** Everything that the schema ought to catch: what is changed, and a word of the flaw. */
const BAD: readonly [string, JsonObject, string][] = [
  ["version", { ...good, version: "v1alpha1" }, "version"],
  ["unknown key", { ...good, extra: 1 }, "unexpected extra"],
  ["order of keys", { admin: good["admin"] ?? null, version: "v1", auth: good["auth"] ?? null }, "order"],
  ["empty lists", { ...good, listeners: [] }, "empty"],
  ["health endpoint", { ...good, admin: { ...childOf(good, "admin"), healthcheck_endpoint: ":8086" } }, "healthcheck_endpoint"],
  ["offload engine", { ...good, admin: { ...childOf(good, "admin"), offload_engine: "XDPfoo" } }, "offload_engine"],
  ["auth type", { ...good, auth: { ...childOf(good, "auth"), type: "none", credentials: {} } }, "auth.type"],
  ["credentials", { ...good, auth: { type: "ephemeral", realm: "r", credentials: { password: "p" } } }, "no secret"],
  ["protocol", { ...good, listeners: [{ ...udp, protocol: "UDP" }] }, "protocol UDP"],
  ["listener name", { ...good, listeners: [{ ...udp, name: "gw/udp" }] }, "three parts"],
  ["listener address", { ...good, listeners: [{ ...udp, address: "turn.example" }] }, "address turn.example"],
  ["port", { ...good, listeners: [{ ...udp, port: 0 }] }, "port 0"],
  [
    "same port and transport",
    { ...good, listeners: [udp, { ...tls, name: "ns/gw/dtls", protocol: "TURN-DTLS", port: 3478 }] },
    "another listener has",
  ],
  ["same name", { ...good, listeners: [udp, { ...udp, port: 3479 }] }, "there twice"],
  ["certificate without TLS", { ...good, listeners: [{ ...tls, protocol: "TURN-TCP" }] }, "without TLS"],
  ["no certificate", { ...good, listeners: [{ ...udp, protocol: "TURN-DTLS" }] }, "base64"],
  ["key of another pair", { ...good, listeners: [{ ...tls, key: pem("two.key") }] }, "belong together"],
  ["no PEM", { ...good, listeners: [{ ...tls, cert: "QUFB" }] }, "no PEM"],
  ["routes not sorted", { ...good, listeners: [{ ...udp, routes: ["ns/b", "ns/a"] }] }, "routes is not sorted"],
  ["cluster name", { ...good, clusters: [{ ...cluster, name: "a" }] }, "two parts"],
  ["endpoint with bare port", { ...good, clusters: [{ ...cluster, endpoints: ["10.0.0.1:100"] }] }, "no IP address"],
  ["endpoint with brackets", { ...good, clusters: [{ ...cluster, endpoints: ["[::1]"] }] }, "no IP address"],
  ["prefix too long", { ...good, clusters: [{ ...cluster, endpoints: ["10.0.0.1/33"] }] }, "prefix"],
  ["range that admits nothing", { ...good, clusters: [{ ...cluster, endpoints: ["10.0.0.1:<200-100>"] }] }, "admits nothing"],
  ["endpoints not sorted", { ...good, clusters: [{ ...cluster, endpoints: ["10.0.0.9", "10.0.0.10"] }] }, "not sorted"],
  ["address in STRICT_DNS", { ...good, clusters: [{ ...cluster, type: "STRICT_DNS", endpoints: ["10.0.0.1"] }] }, "host name"],
];

describe("the schema of stunnerd's configuration", () => {
  it("takes a good one", () => {
    expect(flawsOfConfig(good, { certificates: "verify" })).toEqual([]);
  });

  it.each(BAD)("refuses: %s", (_what, config, word) => {
    expect(flawsOfConfig(config, { certificates: "verify" }).join("\n")).toContain(word);
  });

  it("takes placeholder certificates where they are trusted", () => {
    const config = { ...good, listeners: [{ ...tls, cert: "QUFB", key: "QUFB" }] };
    expect(flawsOfConfig(config, { certificates: "trust" })).toEqual([]);
  });

  it("wants both halves of a public address", () => {
    const { public_port: _port, ...half } = tls;
    expect(flawsOfConfig({ ...good, listeners: [half] }, { certificates: "verify" }).join("\n")).toContain("only one of");
  });
});

describe("reading as stunnerd does (spec/stunnerd.md 2.3)", () => {
  it.each([
    ["$STUNNER_ADDR", "127.0.0.7"],
    ["${STUNNER_ADDR}", "127.0.0.7"],
    ["r-$STUNNER_ADDR", "r-127.0.0.7"],
    ["$NOPE/gw", "/gw"],
    ["\\u0024STUNNER_ADDR", "$STUNNER_ADDR"],
  ])("%s becomes %s", (given, expected) => {
    expect(read(given, "p")).toMatchObject({ address: expected });
  });

  it.each(["a$b", "a$$b", "x$", "$1$2"])("the password %s stays", (password) => {
    expect(read("0.0.0.0", password)).toMatchObject({ auth: { credentials: { password } } });
  });

  it.each(["a${b", "$QUOTE"])("the password %s costs the whole configuration", (password) => {
    expect(() => read("0.0.0.0", password)).toThrow(SyntaxError);
  });

  it("an escaped dollar saves it", () => {
    expect(read("0.0.0.0", "a\\u0024{b")).toMatchObject({ auth: { credentials: { password: "a${b" } } });
  });
});

function read(address: string, password: string): unknown {
  const text = `{"address":"${address}","auth":{"credentials":{"password":"${password}"}}}`;
  return readAsStunnerd(text, { STUNNER_ADDR: "127.0.0.7", QUOTE: '"' });
}
