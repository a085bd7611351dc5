import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { iceConfiguration, NoValidListener } from "../../shared/credentials/index.ts";
import { createCredentialsService } from "../../shared/credentials/service.ts";
import { config, listener, NOW, OPEN, sourceOf } from "../unit/credentials-support.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";
import { TURN_URI } from "./credentials-grammar.ts";

const sha1 = (...parts: readonly Buffer[]): Buffer => createHash("sha1").update(Buffer.concat(parts)).digest();

/** HMAC-SHA-1 as RFC 2104 defines it, from SHA-1 alone. */
function hmacSha1(key: string, text: string): string {
  const bytes = Buffer.from(key);
  const block = Buffer.alloc(64);
  (bytes.length > 64 ? sha1(bytes) : bytes).copy(block);
  const pad = (byte: number): Buffer => Buffer.from(block.map((one) => one ^ byte));
  return sha1(pad(0x5c), sha1(pad(0x36), Buffer.from(text))).toString("base64");
}

/** The password that draft-uberti-behave-turn-rest-00, 2.2, gives a name. */
const passwordOf = (secret: string, username: string): string => hmacSha1(secret, username);

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.string(), fc.constant("$STUNNER_ADDR"), fc.constant(""));
const anyListener = fc.record({
  name: label,
  protocol: fc.constantFrom("TURN-UDP" as const, "TURN-TCP" as const, "TURN-TLS" as const, "TURN-DTLS" as const),
  public_address: fc.option(address, { nil: undefined }),
  public_port: fc.option(fc.integer({ min: -1, max: 70_000 }), { nil: undefined }),
  address,
  port: fc.integer({ min: 0, max: 65_535 }),
  cert: fc.constant("Yw=="),
  key: fc.constant("aw=="),
});
const anyAuth = fc.oneof(
  fc.record({ type: fc.constant("ephemeral" as const), realm: fc.constant("r"), credentials: fc.record({ secret: fc.string({ maxLength: 100 }) }) }),
  fc.record({ type: fc.constant("static" as const), realm: fc.constant("r"), credentials: fc.record({ username: fc.string(), password: fc.string() }) }),
);
const anyConfig = fc.tuple(label, label, anyAuth, fc.array(anyListener, { maxLength: 4 })).map(([namespace, name, auth, listeners]) => ({
  ...config(`${namespace}/${name}`, { auth }),
  listeners: listeners.map((one) => ({ ...one, name: `${namespace}/${name}/${one.name}` })),
}));
const anyQuery = fc.record({
  namespace: fc.option(label, { nil: undefined }),
  gateway: fc.option(label, { nil: undefined }),
  username: fc.option(fc.string({ unit: "grapheme" }), { nil: undefined }),
  ttl: fc.option(fc.integer({ min: -100_000, max: 10_000_000 }), { nil: undefined }),
  publicAddress: fc.option(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), { nil: undefined }),
  publicPort: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
  includePrivate: fc.boolean(),
});

describe("credentials", () => {
  it("the HMAC of this test is that of RFC 2202", () => {
    expect(Buffer.from(hmacSha1("Jefe", "what do ya want for nothing?"), "base64").toString("hex")).toBe("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    expect(passwordOf("my-secret", "1795224448:joe")).toBe("QA+FcWW6DCfc6g+YOa4JAP9VJys=");
  });

  it(
    "every URI is one of RFC 7065, every ephemeral name expires when it should and is signed as the draft says",
    () => {
      holds([fc.array(anyConfig, { maxLength: 4 }), anyQuery, fc.integer({ min: 0, max: 4_000_000_000 })], (configs, query, seconds) => {
        const servers = serversOf(() => iceConfiguration(configs, query, seconds * 1000));
        for (const { urls, username, credential } of servers) {
          expect(urls.length).toBeGreaterThan(0);
          for (const url of urls) expect(url).toMatch(TURN_URI);
          const signer = configs.find(({ auth }) => auth.type === "ephemeral" && passwordOf(auth.credentials.secret ?? "", username) === credential);
          const fixed = configs.some(({ auth }) => auth.type === "static" && auth.credentials.username === username && auth.credentials.password === credential);
          expect(fixed || username === `${seconds + (query.ttl ?? 86_400)}:${query.username ?? ""}`).toBe(true);
          expect(fixed || signer !== undefined).toBe(true);
        }
      });
    },
    PROPERTY_TIMEOUT,
  );

  it(
    "each Gateway appears once at most, in ascending order, whatever the order of the configurations",
    () => {
      holds([fc.uniqueArray(fc.tuple(label, label), { maxLength: 8, selector: (pair) => pair.join("/") }), fc.func(fc.integer())], (names, order) => {
        const configs = names.map(([namespace, name]) => config(`${namespace}/${name}`, { auth: { type: "static", realm: "r", credentials: { username: `${namespace}/${name}`, password: "p" } }, listeners: [listener("udp")] }));
        const shuffled = configs.toSorted((a, b) => order(a.admin.name) - order(b.admin.name));
        const given = serversOf(() => iceConfiguration(shuffled, {}, NOW)).map(({ username }) => username);
        expect(given).toEqual(configs.map(({ admin }) => admin.name).sort());
      });
    },
    PROPERTY_TIMEOUT,
  );

  const service = createCredentialsService({
    ...OPEN,
    clusters: [{ name: "one", source: sourceOf([config("a/b", { auth: { type: "ephemeral", realm: "r", credentials: { secret: "PLANTED" } } })]), apiKeys: [] }],
  });
  const parameter = fc.tuple(
    fc.oneof(fc.constantFrom("service", "ttl", "namespace", "gateway", "listener", "username", "public-addr", "public-port", "private-addr", "iceTransportPolicy", "key"), fc.string()),
    fc.oneof(fc.constantFrom("turn", "a", "b", "udp", "60", "true"), fc.string({ unit: "binary" }), fc.string()),
  );
  it(
    "any request gets an answer that is no 5xx, without the secret, and with headers that may be sent",
    () => {
      holds([fc.constantFrom("/", "/ice", "/c/one/", "/c/x/ice"), fc.array(parameter), fc.boolean(), fc.string()], (path, pairs, isEncoded, raw) => {
        const search = isEncoded ? String(new URLSearchParams([["service", "turn"], ...pairs.filter(([name]) => name !== "service")])) : raw;
        const { status, headers, body } = service.answer({ method: "GET", url: `${path}?${search}`, headers: { authorization: raw, origin: raw }, hasBody: false, address: "" });
        expect([200, 400, 404, 422]).toContain(status);
        expect(body).not.toContain("PLANTED");
        expect(Object.values(headers).every((value) => /^[\x20-\x7e]*$/.test(value))).toBe(true);
        if (status !== 200) return;
        const given = JSON.parse(body) as { uris?: string[]; iceServers?: { urls: string[] }[] };
        for (const uri of given.uris ?? given.iceServers?.flatMap(({ urls }) => urls) ?? []) expect(uri).toMatch(TURN_URI);
      });
    },
    PROPERTY_TIMEOUT,
  );
});

function serversOf(run: () => ReturnType<typeof iceConfiguration>): ReturnType<typeof iceConfiguration>["iceServers"] {
  try {
    return run().iceServers;
  } catch (error) {
    if (error instanceof NoValidListener) return [];
    throw error;
  }
}
