import { describe, expect, it } from "vitest";
import { ephemeralCredentials, iceConfiguration, NoValidListener, turnToken } from "../../shared/credentials/index.ts";
import { turnUri } from "../../shared/credentials/turn-uri.ts";
import { zeroConfig } from "../../shared/resources/stunnerd-config.ts";
import { CERTIFICATE, config, EPHEMERAL, FOUR, listener, NOW } from "./credentials-support.ts";

const URLS = [
  "turn:198.51.100.7:13478?transport=udp",
  "turn:198.51.100.7:13478?transport=tcp",
  "turns:198.51.100.7:10443?transport=tcp",
  "turns:198.51.100.7:10443?transport=udp",
];

describe("ephemeral credentials are those of the vectors (spec/stunnerd.md 5.2)", () => {
  it.each([
    [1_795_307_248, "", "1795307248:", "JUxVWQ7u3A69PiluV8FwJ4QCRcc="],
    [1_795_224_448, "joe", "1795224448:joe", "QA+FcWW6DCfc6g+YOa4JAP9VJys="],
    [1_795_307_248, "jo:e x", "1795307248:jo:e x", "xgqFmDlsyFlkLlPx2ZbbRElZ8BY="],
  ])("%i:%s", (expiry, userId, username, password) => {
    expect(ephemeralCredentials("my-secret", { expiry, userId })).toEqual({ username, password });
  });
});

describe("URIs (spec/stunnerd.md 6.4, RFC 7065)", () => {
  it.each([
    ["TURN-UDP", "203.0.113.9", "turn:203.0.113.9:3478?transport=udp"],
    ["TURN-TCP", "turn.example.com", "turn:turn.example.com:3478?transport=tcp"],
    ["TURN-TLS", "2001:db8::1", "turns:[2001:db8::1]:3478?transport=tcp"],
    ["TURN-DTLS", "[2001:db8::1]", "turns:[2001:db8::1]:3478?transport=udp"],
    ["TURN-UDP", "elb_1.example.com.", "turn:elb_1.example.com.:3478?transport=udp"],
  ])("%s at %s", (protocol, address, uri) => {
    expect(turnUri(protocol, address, 3478)).toBe(uri);
  });

  it.each(["", " ", "a b", "a/b", "a?b", "a#b", "a:1", "user@host", "%41", "fe80::1%eth0", "[203.0.113.9]", "-a", "é.example", "a\nb", "x".repeat(254)])(
    "none for the address %j",
    (address) => {
      expect(turnUri("TURN-UDP", address, 3478)).toBeUndefined();
    },
  );

  it.each(["UDP", "TLS", "turn-udp", "", "__proto__"])("none for the protocol %j", (protocol) => {
    expect(turnUri(protocol, "203.0.113.9", 3478)).toBeUndefined();
  });
});

describe("an ICE configuration", () => {
  it("has one server per Gateway, urls in the order of its listeners (spec/stunnerd.md 14.2)", () => {
    expect(iceConfiguration([config("ns1/gwA", { listeners: FOUR })], {}, NOW)).toEqual({
      iceServers: [{ credential: "pass-1", urls: URLS, username: "user-1" }],
      iceTransportPolicy: "all",
    });
  });

  it("has Gateways in ascending namespace/name", () => {
    const names = ["b/a", "a/b", "b/0", "a/a"];
    const configs = names.map((id) => config(id, { auth: { ...EPHEMERAL, credentials: { secret: id } } }));
    const { iceServers } = iceConfiguration(configs, { username: "u" }, NOW);
    const expected = ["a/a", "a/b", "b/0", "b/a"].map((secret) => ephemeralCredentials(secret, { userId: "u", expiry: 1_795_224_448 }).password);
    expect(iceServers.map(({ credential }) => credential)).toEqual(expected);
    expect(turnToken(configs, { username: "u" }, NOW).password).toBe(expected[0]);
  });

  it("has the lifetime and the user that were asked for", () => {
    const given = config("a/b", { auth: EPHEMERAL });
    expect(turnToken([given], { username: "joe", ttl: 60 }, (1_795_224_448 - 60) * 1000 + 999)).toEqual({
      password: "QA+FcWW6DCfc6g+YOa4JAP9VJys=", ttl: 60, uris: [URLS[0]], username: "1795224448:joe",
    });
    expect(turnToken([given], { ttl: -5 }, 10_000).username).toBe("5:");
    expect(turnToken([config("a/b")], { username: "joe", ttl: 7 }, NOW)).toEqual({ password: "pass-1", ttl: 7, uris: [URLS[0]], username: "user-1" });
  });

  it("has empty credentials where there is no authentication", () => {
    expect(turnToken([config("a/b", { auth: { type: "none", realm: "r", credentials: {} } })], {}, NOW)).toMatchObject({ username: "", password: "", ttl: 86_400 });
  });

  it("names the transport policy that was asked for, whatever it is", () => {
    expect(iceConfiguration([config("a/b")], { iceTransportPolicy: "foo" }, NOW).iceTransportPolicy).toBe("foo");
  });
});

describe("listeners", () => {
  const configs = [config("a/one", { listeners: FOUR }), config("a/two"), config("b/one")];
  const count = (query: Parameters<typeof iceConfiguration>[1]): number[] => iceConfiguration(configs, query, NOW).iceServers.map(({ urls }) => urls.length);

  it.each([
    [{}, [4, 1, 1]],
    [{ namespace: "a" }, [4, 1]],
    [{ namespace: "b", gateway: "one" }, [1]],
    [{ namespace: "a", listener: "udp" }, [4, 1]],
    [{ namespace: "a", gateway: "one", listener: "tls" }, [1]],
    [{ gateway: "two" }, [4, 1, 1]],
    [{ gateway: "nosuch", listener: "nosuch" }, [4, 1, 1]],
  ])("that match %j", (query, counts) => {
    expect(count(query)).toEqual(counts);
  });

  it.each([{ namespace: "c" }, { namespace: "" }, { namespace: "a", gateway: "three" }, { namespace: "b", gateway: "one", listener: "tls" }])("none that matches %j", (query) => {
    expect(() => count(query)).toThrow(NoValidListener);
    expect(() => turnToken(configs, query, NOW)).toThrow("no valid listener found");
  });

  it("without a public address are left out, and so are Gateways of nothing else", () => {
    const { public_address: _, public_port: __, ...bare } = listener("udp");
    const mixed = [config("a/bare", { listeners: [bare] }), config("a/both", { listeners: [bare, listener("tcp", { protocol: "TURN-TCP" })] })];
    expect(iceConfiguration(mixed, {}, NOW).iceServers.map(({ urls }) => urls)).toEqual([[URLS[1]]]);
    expect(() => iceConfiguration(mixed, { namespace: "a", gateway: "bare" }, NOW)).toThrow(NoValidListener);
  });

  it.each([
    ["$STUNNER_ADDR", "0.0.0.0"],
    ["__node_address_placeholder", "0.0.0.0"],
    ["", "0.0.0.0"],
    ["10.1.2.3", "10.1.2.3"],
    ["fd00::1", "[fd00::1]"],
  ])("without one are at %j where that was asked for", (address, host) => {
    const { public_address: _, public_port: __, ...bare } = listener("udp", { address });
    expect(turnToken([config("a/b", { listeners: [bare] })], { includePrivate: true }, NOW).uris).toEqual([`turn:${host}:3478?transport=udp`]);
  });

  it("are at the address and port that the caller knows better", () => {
    const { public_address: _, public_port: __, ...bare } = listener("bare");
    const given = [config("a/b", { listeners: [...FOUR, bare] })];
    expect(turnToken(given, { publicAddress: "turn.example.com", publicPort: 443 }, NOW).uris).toEqual([
      "turn:turn.example.com:443?transport=udp", "turn:turn.example.com:443?transport=tcp",
      "turns:turn.example.com:443?transport=tcp", "turns:turn.example.com:443?transport=udp", "turn:turn.example.com:443?transport=udp",
    ]);
    expect(turnToken(given, { publicAddress: "2001:db8::9" }, NOW).uris.at(-1)).toBe("turn:[2001:db8::9]:3478?transport=udp");
    expect(turnToken(given, { publicPort: 1 }, NOW).uris).toHaveLength(4);
  });
});

function broken(change: (one: Record<string, unknown>) => void): unknown {
  const copy = structuredClone(config("a/broken")) as unknown as Record<string, unknown>;
  change(copy);
  return copy;
}

describe("what stunnerd would refuse is passed over (spec/stunnerd.md 3, spec/cds.md 10.3)", () => {
  const good = config("a/good");
  it.each<[string, unknown]>([
    ["null", null],
    ["a text", "x"],
    ["a list", []],
    ["another version", broken((one) => (one["version"] = "v1alpha1"))],
    ["no auth", broken((one) => delete one["auth"])],
    ["an unknown auth type", broken((one) => (one["auth"] = { type: "Static", credentials: { username: "u", password: "p" } }))],
    ["static without a password", broken((one) => (one["auth"] = { credentials: { username: "u" } }))],
    ["ephemeral without a secret", broken((one) => (one["auth"] = { type: "ephemeral", credentials: {} }))],
    ["listeners that are no list", broken((one) => (one["listeners"] = {}))],
    ["a listener without a name", broken((one) => (one["listeners"] = [{ protocol: "TURN-UDP" }]))],
    ["an unknown protocol", broken((one) => (one["listeners"] = [{ name: "a/b/c", protocol: "SCTP" }]))],
    ["a bad port", broken((one) => (one["listeners"] = [{ name: "a/b/c", port: 65_536 }]))],
    ["TLS without a certificate", broken((one) => (one["listeners"] = [{ name: "a/b/c", protocol: "TURN-TLS", public_address: "1.2.3.4" }]))],
    ["a deleted one", zeroConfig("a/broken")],
  ])("%s", (_, value) => {
    expect(iceConfiguration([value, good], {}, NOW).iceServers).toHaveLength(1);
  });

  it("defaults and aliases are known", () => {
    const short = {
      version: "v1",
      auth: { type: "longterm", credentials: { secret: 7 } },
      listeners: [
        { name: "a/b/c", public_address: "1.2.3.4" },
        { name: "a/b/d", public_address: "1.2.3.4", protocol: "turn-tls", port: null, ...CERTIFICATE },
        { name: "a/b", public_address: "1.2.3.4" },
        { name: "a/b/c/d", public_address: "1.2.3.4" },
        { name: "a/b/bare", public_address: "1.2.3.4", protocol: "UDP" },
        { name: "a/b/odd", public_address: "no address", protocol: "TURN-UDP" },
      ],
      clusters: null,
    };
    const token = turnToken([short], { ttl: 0, username: "x" }, 5000);
    expect(token.uris).toEqual(["turn:1.2.3.4:3478?transport=udp", "turns:1.2.3.4:3478?transport=tcp"]);
    expect(token).toMatchObject(ephemeralCredentials("7", { userId: "x", expiry: 5 }));
  });
});
