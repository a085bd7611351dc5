import { describe, expect, it } from "vitest";
import { createRateLimit } from "../../shared/credentials/rate-limit.ts";
import { createCredentialsService, type CredentialsOptions, type CredentialsRequest } from "../../shared/credentials/service.ts";
import { config, get, NOW, OPEN, sourceOf } from "./credentials-support.ts";

const KEY = "key-of-cluster-one";
const SECOND = "another-key-of-one";
const OTHER = "key-of-cluster-two";
const TOKEN = "st1.operator.abcdef";
const source = sourceOf([config("a/b")]);
const clusters = [{ name: "one", source, apiKeys: [KEY, SECOND] }, { name: "two", source, apiKeys: [OTHER] }];

function serviceOf(options: Partial<CredentialsOptions> = {}) {
  const service = createCredentialsService({ ...OPEN, clusters, ...options });
  return { ask: (url: string, headers: CredentialsRequest["headers"] = {}, more: Partial<CredentialsRequest> = {}) => service.answer(get(url, { headers, ...more })) };
}
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

describe("API keys", () => {
  const { ask } = serviceOf();
  it.each<[string, CredentialsRequest["headers"]]>([
    ["/ice?service=turn", bearer(KEY)],
    ["/ice?service=turn", bearer(SECOND)],
    ["/ice?service=turn", { authorization: `bearer  ${KEY} ` }],
    ["/ice?service=turn", { "x-api-key": KEY }],
    [`/?service=turn&key=${KEY}`, {}],
    ["/ice?service=turn", { ...bearer("something-of-a-proxy"), "x-api-key": KEY }],
    ["/c/one/ice?service=turn", bearer(KEY)],
    ["/c/two/ice?service=turn", bearer(OTHER)],
  ])("open %s with %j", (url, headers) => {
    expect(ask(url, headers).status).toBe(200);
  });

  it.each<[string, CredentialsRequest["headers"]]>([
    ["/ice?service=turn", {}],
    ["/ice?service=turn", bearer(OTHER)],
    ["/ice?service=turn", bearer(`${KEY}x`)],
    ["/ice?service=turn", bearer(KEY.slice(0, -1))],
    ["/ice?service=turn", bearer(KEY.toUpperCase())],
    ["/ice?service=turn", { authorization: KEY }],
    ["/ice?service=turn", { authorization: `Basic ${KEY}` }],
    ["/ice?service=turn", { authorization: "Bearer " }],
    ["/ice?service=turn&key=", { "x-api-key": "" }],
    ["/c/two/ice?service=turn", bearer(KEY)],
    ["/c/nosuch/ice?service=turn", bearer(KEY)],
  ])("do not open %s with %j", (url, headers) => {
    const { status, headers: given, body } = ask(url, headers);
    expect({ status, challenge: given["WWW-Authenticate"] }).toEqual({ status: 401, challenge: "Bearer" });
    expect(JSON.parse(body)).toEqual({ code: 401, message: "give an API key or a token: Authorization: Bearer, or X-API-Key" });
  });

  it("are not needed where there are none and no tokens", () => {
    const { ask: askOpen } = serviceOf({ clusters: [{ name: "one", source, apiKeys: [] }, { name: "two", source, apiKeys: [OTHER] }] });
    expect(askOpen("/ice?service=turn").status).toBe(200);
    expect(askOpen("/c/two/ice?service=turn").status).toBe(401);
  });
});

describe("tokens", () => {
  const asked: [string | undefined, string][] = [];
  const { ask } = serviceOf({
    clusters: [{ name: "one", source, apiKeys: [KEY] }, { name: "two", source, apiKeys: [] }],
    authorize(token, cluster) {
      asked.push([token, cluster]);
      if (token === undefined || !token.startsWith("st1.")) return "no-token";
      return token === TOKEN && cluster === "two" ? "granted" : "denied";
    },
  });

  it.each<[string, CredentialsRequest["headers"], number]>([
    ["/c/two/ice?service=turn", bearer(TOKEN), 200],
    ["/ice?service=turn", bearer(TOKEN), 403],
    ["/c/two/ice?service=turn", bearer(`${TOKEN}x`), 403],
    ["/c/nosuch/ice?service=turn", bearer(TOKEN), 403],
    ["/c/two/ice?service=turn", {}, 401],
    ["/c/two/ice?service=turn", bearer("what"), 401],
    ["/ice?service=turn", bearer(KEY), 200],
    ["/c/two/ice?service=turn", { "x-api-key": TOKEN }, 200],
    [`/c/two/ice?service=turn&key=${TOKEN}`, {}, 401],
    [`/c/two/ice?service=turn&key=${TOKEN}`, { "x-api-key": "" }, 401],
    [`/ice?service=turn&key=${KEY}`, {}, 200],
    [`/ice?service=turn&key=${KEY}`, { "x-api-key": `${TOKEN}x` }, 403],
  ])("%s with %j: %i", (url, headers, status) => {
    expect(ask(url, headers).status).toBe(status);
  });

  it("are judged for the cluster that is asked for", () => {
    expect(asked).toContainEqual([TOKEN, "nosuch"]);
    expect(asked).toContainEqual([undefined, "two"]);
  });
});

describe("a caller that asks too much", () => {
  it("waits, and nobody else does", () => {
    let now = NOW;
    const { ask } = serviceOf({ perSecond: 2, now: () => now });
    const url = "/ice?service=turn";
    const statuses = (count: number, key: string) => Array.from({ length: count }, () => ask(url, bearer(key)).status);
    expect(statuses(21, KEY)).toEqual([...Array.from({ length: 20 }, () => 200), 429]);
    const { headers, body } = ask(url, bearer(KEY));
    expect(headers["Retry-After"]).toBe("1");
    expect(JSON.parse(body)).toEqual({ code: 429, message: "too many requests: 2 a second are answered" });
    expect(statuses(1, SECOND)).toEqual([200]);
    now += 1000;
    expect(statuses(3, KEY)).toEqual([200, 200, 429]);
  });

  it("is told by its address where nobody says who it is, and may still ask with a key", () => {
    const { ask } = serviceOf({ perSecond: 1 });
    const url = "/ice?service=turn";
    const from = (address: string) => ask(url, {}, { address }).status;
    expect(Array.from({ length: 11 }, () => from("192.0.2.1"))).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect(from("192.0.2.2")).toBe(401);
    expect(ask(url, bearer(KEY)).status).toBe(200);
  });

  it("is told how long to wait", () => {
    const limit = createRateLimit(0.1);
    expect([limit.take("a", 0), limit.take("a", 0), limit.take("a", 4000), limit.take("a", 10_000)]).toEqual([0, 10, 6, 0]);
  });

  it("is not locked out by a clock that goes back", () => {
    const limit = createRateLimit(0.1);
    expect([limit.take("a", 50_000), limit.take("a", 40_000), limit.take("a", 45_000)]).toEqual([0, 10, 5]);
  });

  it("can ask as it likes where there is no limit", () => {
    const limit = createRateLimit(0);
    expect(Array.from({ length: 1000 }, () => limit.take("a", 0)).every((wait) => wait === 0)).toBe(true);
  });

  it("is forgotten when 10,000 others have asked since", () => {
    const limit = createRateLimit(0.1);
    limit.take("first", 0);
    for (let other = 0; other < 9999; other += 1) limit.take(`other ${other}`, 0);
    expect(limit.take("first", 0)).toBe(10);
    for (let other = 0; other < 10_000; other += 1) limit.take(`third ${other}`, 0);
    expect(limit.take("first", 0)).toBe(0);
  });
});

describe("pages of other origins (Fetch standard, 3.2)", () => {
  const ORIGIN = "https://app.example.com";
  const { ask } = serviceOf({ origins: [ORIGIN], perSecond: 1 });
  const asks = { origin: ORIGIN, "access-control-request-method": "GET", "access-control-request-headers": "authorization" };

  it("may ask without a key whether they may send one", () => {
    const { status, headers, body } = ask("/ice?service=turn", asks, { method: "OPTIONS" });
    expect({ status, body }).toEqual({ status: 204, body: "" });
    expect(headers).toMatchObject({
      "Access-Control-Allow-Origin": ORIGIN,
      "Access-Control-Allow-Methods": "GET",
      "Access-Control-Allow-Headers": "Authorization, X-API-Key",
      "Access-Control-Max-Age": "600",
      Vary: "Origin",
    });
  });

  it("may read answers and errors", () => {
    for (const headers of [{ origin: ORIGIN }, { origin: ORIGIN, ...bearer(KEY) }]) {
      expect(ask("/ice?service=turn", headers).headers).toMatchObject({ "Access-Control-Allow-Origin": ORIGIN, "Access-Control-Expose-Headers": "Retry-After", Vary: "Origin" });
    }
  });

  it.each(["https://evil.example", "http://app.example.com", "https://app.example.com.evil.example", "https://app.example.com:8443", "null"])("%s may not", (origin) => {
    const first = ask("/ice?service=turn", { ...asks, origin }, { method: "OPTIONS" });
    expect(first.status).toBe(403);
    for (const { headers } of [first, ask("/ice?service=turn", { origin, ...bearer(KEY) })]) {
      expect(headers).not.toHaveProperty("Access-Control-Allow-Origin");
      expect(headers["Vary"]).toBe("Origin");
    }
  });

  it("are not spoken of where the setting names none", () => {
    const { headers } = serviceOf().ask("/ice?service=turn", { origin: ORIGIN, ...bearer(KEY) });
    expect(Object.keys(headers).filter((name) => /access-control|vary/i.test(name))).toEqual([]);
  });

  it("all may where * is set; cookies never come along", () => {
    const { headers } = serviceOf({ origins: ["*"] }).ask("/ice?service=turn", { origin: "https://any.example", ...bearer(KEY) });
    expect(headers["Access-Control-Allow-Origin"]).toBe("https://any.example");
    expect(headers).not.toHaveProperty("Access-Control-Allow-Credentials");
  });
});
