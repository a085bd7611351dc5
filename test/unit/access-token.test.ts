import { createHmac, createSecretKey } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authorize, bearerToken, createAccess } from "../../shared/access/access.ts";
import { formatKeyRing, InvalidKeys, newKey, parseKeyRing } from "../../shared/access/key-ring.ts";
import { deriveToken, statedPurpose, type ConfigScope, type TokenScope } from "../../shared/access/token.ts";
import { holds } from "../support/property.ts";

const bytes = Buffer.alloc(32, 7);
const key = createSecretKey(bytes);
const other = createSecretKey(Buffer.alloc(32, 8));
const CONFIG: ConfigScope = { purpose: "config", cluster: "prod", namespace: "media", name: "gw", uid: "u-1" };
const TOKEN = deriveToken(key, CONFIG);

describe("a token", () => {
  it("is the MAC of its fields, each with its length in front", () => {
    const mac = createHmac("sha256", bytes);
    mac.update("\0\0\0\x03st1\0\0\0\x04prod\0\0\0\x05media\0\0\0\x02gw\0\0\0\x03u-1\0\0\0\x06config", "latin1");
    expect(TOKEN).toBe(`st1.config.${mac.digest("base64url")}`);
  });

  it("stands in a path and in a header as it is", () => {
    expect(encodeURIComponent(TOKEN)).toBe(TOKEN);
    expect(bearerToken(`Bearer ${TOKEN}`)).toBe(TOKEN);
  });

  it("differs wherever a field differs, also where the fields joined are the same", () => {
    const text = fc.string({ maxLength: 8 });
    const scope = fc.record({ purpose: fc.constant("config" as const), cluster: text, namespace: text, name: text, uid: text });
    holds([scope, scope], (one, two) => {
      expect(deriveToken(key, one) === deriveToken(key, two)).toBe(JSON.stringify(one) === JSON.stringify(two));
    });
    const split = (cluster: string, namespace: string): string => deriveToken(key, { ...CONFIG, cluster, namespace });
    expect(split("a", "bc")).not.toBe(split("ab", "c"));
    expect(deriveToken(key, { purpose: "events", cluster: "prod" }).slice(11)).not.toBe(deriveToken(key, { purpose: "operator", cluster: "prod" }).slice(13));
  });

  it.each([["truncated", TOKEN.slice(0, -1)], ["padded", `${TOKEN}=`], ["of another version", TOKEN.replace("st1", "st2")], ["", ""], ["of no purpose", TOKEN.replace("config", "admin")]])(
    "%s is none", (_what, text) => expect(statedPurpose(text)).toBeUndefined(),
  );
});

describe("authorize", () => {
  const verdict = (token: string | undefined, scopes: readonly TokenScope[] = [CONFIG], ring = { current: key } as Parameters<typeof authorize>[0]) =>
    authorize(ring, token, scopes);

  it("lets the right token in, by either key and for any of the scopes", () => {
    expect(verdict(TOKEN)).toBe("granted");
    expect(verdict(TOKEN, [{ purpose: "operator", cluster: "prod" }, CONFIG])).toBe("granted");
    expect(verdict(TOKEN, [CONFIG], { current: other, previous: key })).toBe("granted");
  });

  it.each<[string, TokenScope]>([
    ["another Gateway", { ...CONFIG, name: "gw2" }],
    ["the same name in another namespace", { ...CONFIG, namespace: "other" }],
    ["another cluster", { ...CONFIG, cluster: "test" }],
    ["a Gateway of the same name made anew", { ...CONFIG, uid: "u-2" }],
    ["another purpose", { purpose: "events", cluster: "prod" }],
    ["the operator", { purpose: "operator", cluster: "prod" }],
  ])("does not open %s", (_what, scope) => expect(verdict(TOKEN, [scope])).toBe("denied"));

  it("denies the old key once the rotation is finished", () => expect(verdict(TOKEN, [CONFIG], { current: other })).toBe("denied"));

  it.each([["nothing", undefined], ["an empty text", ""], ["a truncated token", TOKEN.slice(0, -1)], ["a padded token", `${TOKEN}A`], ["a password", "hunter2"]])(
    "takes %s for no token", (_what, text) => expect(verdict(text)).toBe("no-token"),
  );

  it("finds no other last character of a token that stands for the same bytes", () => {
    const accepted = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].filter((last) => verdict(TOKEN.slice(0, -1) + last) === "granted");
    expect(accepted).toEqual([TOKEN.at(-1)]);
  });

  it("follows the keys from call to call", () => {
    let ring: Parameters<typeof authorize>[0] = { current: key };
    const access = createAccess(() => ring);
    expect(access.configToken("prod", { namespace: "media", name: "gw", uid: "u-1" })).toBe(TOKEN);
    expect(access.eventTokens("prod")).toEqual([deriveToken(key, { purpose: "events", cluster: "prod" })]);
    ring = { current: other, previous: key };
    expect(access.configToken("prod", CONFIG)).toBe(deriveToken(other, CONFIG));
    expect(access.eventTokens("prod")).toHaveLength(2);
    expect(access.check(TOKEN, [CONFIG])).toBe("granted");
  });
});

describe("bearerToken", () => {
  it.each([["bearer abc", "abc"], ["Bearer  abc ", "abc"], ["Basic abc", undefined], ["Bearer", undefined], ["Bearer a b", undefined], [undefined, undefined]])(
    "of %j is %j", (header, token) => expect(bearerToken(header)).toBe(token),
  );
});

describe("a key ring", () => {
  const [one, two] = [newKey(), newKey()];
  const text = (given: typeof one): string => given.export().toString("base64");

  it("comes back from its file", () => {
    const read = parseKeyRing(formatKeyRing({ current: one, previous: two }));
    expect([read.current.equals(one), read.previous?.equals(two)]).toEqual([true, true]);
    expect(parseKeyRing(`${text(one)},${text(two)}`).previous?.equals(two)).toBe(true);
    expect(parseKeyRing(one.export().toString("base64url")).previous).toBeUndefined();
  });

  it.each([
    ["", "there is no key"],
    ["# nothing", "there is no key"],
    [Buffer.alloc(31).toString("base64"), "key 1 has 31 bytes: at least 32"],
    [`${text(one)} short`, "key 2 has 3 bytes"],
    [`${text(one)} ${text(one)}`, "both keys are the same"],
    [`${text(one)} ${text(two)} ${text(newKey())}`, "there are 3 keys"],
    ["pass-phrase!that-is-long-enough-or-so-it-seems", "key 1 is not in base64"],
  ])("is refused: %#", (given, reason) => {
    const refused = (): unknown => parseKeyRing(given);
    expect(refused).toThrow(InvalidKeys);
    expect(refused).toThrow(reason);
    for (const secret of [text(one), "phrase"]) expect(refused).not.toThrow(secret);
  });

  it("is not shown by accident", () => {
    expect(JSON.stringify({ ring: { current: one } })).not.toContain(text(one).slice(0, 8));
  });
});
