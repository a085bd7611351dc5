import { describe, expect, it } from "vitest";
import { createCredentialsService, type CredentialsOptions, type CredentialsRequest } from "../../shared/credentials/service.ts";
import { config, EPHEMERAL, FOUR, get, listener, NOW, OPEN, sourceOf } from "./credentials-support.ts";

const KEY = "0123456789abcdef";
const { public_address: _, public_port: __, ...BARE } = listener("udp");
const SOURCE = sourceOf([
  config("ns1/bare", { listeners: [BARE] }),
  config("ns1/gwA", { listeners: FOUR }),
  config("ns2/gwB", { auth: EPHEMERAL, listeners: [listener("udp", { public_address: "10.2.2.2", public_port: 3478 })] }),
  "{ this is no JSON",
]);
const OTHER = sourceOf([config("far/away")]);

function ask(request: CredentialsRequest | string, options: Partial<CredentialsOptions> = {}) {
  const clusters = [{ name: "one", source: SOURCE, apiKeys: [] }, { name: "two", source: OTHER, apiKeys: [] }];
  const service = createCredentialsService({ ...OPEN, clusters, ...options });
  return service.answer(typeof request === "string" ? get(request) : request);
}

const servers = (url: string): number => (JSON.parse(ask(url).body) as { iceServers: unknown[] }).iceServers.length;
const uris = (url: string, options: Partial<CredentialsOptions> = {}) => (JSON.parse(ask(url, options).body) as { uris: string[] }).uris;
const withSource = (source: ReturnType<typeof sourceOf>) => ({ clusters: [{ name: "one", source, apiKeys: [] }] });

describe("answers as the original's (spec/stunnerd.md 14.2)", () => {
  it("/ gives a TURN token", () => {
    const { status, headers, body } = ask("/?service=turn&namespace=ns2&username=joe", {});
    expect({ status, body }).toEqual({
      status: 200,
      body: '{"password":"QA+FcWW6DCfc6g+YOa4JAP9VJys=","ttl":86400,"uris":["turn:10.2.2.2:3478?transport=udp"],"username":"1795224448:joe"}\n',
    });
    expect(headers).toMatchObject({ "Content-Type": "application/json; charset=UTF-8", "Cache-Control": "no-store" });
  });

  it("/ice gives an ICE configuration", () => {
    const { status, headers, body } = ask("/ice?service=turn&namespace=ns1&gateway=gwA");
    expect({ status, body }).toEqual({
      status: 200,
      body:
        '{"iceServers":[{"credential":"pass-1","urls":["turn:198.51.100.7:13478?transport=udp","turn:198.51.100.7:13478?transport=tcp",' +
        '"turns:198.51.100.7:10443?transport=tcp","turns:198.51.100.7:10443?transport=udp"],"username":"user-1"}],"iceTransportPolicy":"all"}\n',
    });
    expect(headers["Content-Type"]).toBe("application/json; charset=UTF-8");
  });

  it.each([
    // What stunnerctl asks (spec/stunnerd.md 12).
    ["/ice?service=turn", 2],
    ["/ice?namespace=ns2&service=turn", 1],
    ["/ice?gateway=gwA&namespace=ns1&service=turn&username=joe", 1],
    ["/ice?gateway=gwA&service=turn", 2],
    ["/ice?listener=nosuch&namespace=ns1&service=turn", 1],
    ["/ice?service=turn&key=whatever&unknown=1&unknown=2", 2],
    ["/ice?service=turn&private-addr=true", 3],
    ["/ice?service=turn&private-addr=F", 2],
    ["/ice?service=turn&public-addr=", 2],
    ["/ice?service=turn&public-addr=turn.example.com", 3],
    ["http://proxied.example/ice?service=turn", 2],
    ["/c/one/ice?service=turn", 2],
    ["/c/two/ice?service=turn", 1],
  ])("%s: %i servers", (url, wanted) => {
    expect(servers(url)).toBe(wanted);
  });

  it("address and port of the request go before those of the settings, and these before the listener's", () => {
    const settings = { publicAddress: "from.settings", publicPort: 9 };
    expect(uris("/?service=turn&namespace=ns2", settings)).toEqual(["turn:from.settings:9?transport=udp"]);
    expect(uris("/?service=turn&namespace=ns2&public-addr=from.request", settings)).toEqual(["turn:from.request:9?transport=udp"]);
    expect(uris("/?service=turn&namespace=ns2&public-addr=&public-port=5", settings)).toEqual(["turn:from.settings:5?transport=udp"]);
    expect(uris("/?service=turn&namespace=ns2&public-port=65535")).toEqual(["turn:10.2.2.2:65535?transport=udp"]);
  });

  it.each([["0", NOW / 1000], ["-10", NOW / 1000 - 10], ["+60", NOW / 1000 + 60]])("a ttl of %s", (ttl, expiry) => {
    const body = JSON.parse(ask(`/?service=turn&namespace=ns2&ttl=${encodeURIComponent(ttl)}`).body) as { ttl: number; username: string };
    expect(body).toMatchObject({ ttl: Number(ttl), username: `${expiry}:` });
  });

  it.each([["relay", "relay"], ["foo", "foo"], ["", ""]])("iceTransportPolicy=%s is copied", (given, wanted) => {
    expect(JSON.parse(ask(`/ice?service=turn&iceTransportPolicy=${given}`).body)).toMatchObject({ iceTransportPolicy: wanted });
    expect(JSON.parse(ask(`/ice?service=turn&icetransportpolicy=${given}`).body)).toMatchObject({ iceTransportPolicy: "all" });
  });
});

describe("errors as the original's (spec/stunnerd.md 14.2)", () => {
  it.each([
    ["/", 400, "Query argument service is required, but not found"],
    ["/?service=", 400, "Query argument service is required, but not found"],
    ["/?ttl=x", 400, "Query argument service is required, but not found"],
    ["/?service=TURN", 400, 'could not generate TURN auth token: "\\"service\\" must be \\"turn\\""'],
    ["/ice", 400, 'could not generate ICE auth token: "\\"service\\" must be \\"turn\\""'],
    ["/ice?service=stun", 400, 'could not generate ICE auth token: "\\"service\\" must be \\"turn\\""'],
    ["/ice?service=turn&ttl=", 400, 'Invalid format for parameter ttl: "" is not an integer'],
    ["/ice?service=turn&ttl=1.5", 400, 'Invalid format for parameter ttl: "1.5" is not an integer'],
    ["/?service=turn&ttl=99999999999999999999", 400, 'Invalid format for parameter ttl: "99999999999999999999" is not an integer'],
    ["/ice?service=turn&namespace=a&namespace=b", 400, "Invalid format for parameter namespace: it is given more than once"],
    ["/ice?service=turn&public-port=0", 400, 'Invalid format for parameter public-port: "0" is not a port from 1 to 65535'],
    ["/ice?service=turn&private-addr=maybe", 400, 'Invalid format for parameter private-addr: "maybe" is neither true nor false'],
    ["/ice?service=turn&namespace=nosuch", 404, "could not generate ICE config: no valid listener found"],
    ["/ice?service=turn&namespace=", 404, "could not generate ICE config: no valid listener found"],
    ["/ice?service=turn&namespace=ns1&gateway=bare", 404, "could not generate ICE config: no valid listener found"],
    ["/?service=turn&namespace=nosuch", 404, "could not generate TURN auth token: no valid listener found"],
  ])("%s: %i", (url, status, text) => {
    expect(ask(url)).toMatchObject({ status, body: `${text}\n`, headers: { "Content-Type": "text/plain; charset=utf-8" } });
  });

  it("500 as long as nothing is known, 404 when the last Gateway is gone", () => {
    expect(ask("/ice?service=turn", withSource(sourceOf([], false)))).toMatchObject({ status: 500, body: "no STUNner configuration available\n" });
    expect(ask("/ice?service=turn", withSource(sourceOf([])))).toMatchObject({ status: 404 });
  });

  it("follows its source", () => {
    const source = sourceOf([config("a/b")]);
    const service = createCredentialsService({ ...OPEN, clusters: [{ name: "one", source, apiKeys: [] }] });
    expect(service.answer(get("/?service=turn")).body).toContain("pass-1");
    source.entries = sourceOf([config("a/b", { auth: { type: "static", realm: "r", credentials: { username: "u", password: "pass-2" } } })]).entries;
    expect(service.answer(get("/?service=turn")).body).toContain("pass-2");
    source.entries = new Map();
    expect(service.answer(get("/?service=turn")).status).toBe(404);
  });
});

describe("errors that the original does not have", () => {
  it.each<[string, Partial<CredentialsRequest>, number, string]>([
    ["/ice?service=turn", { method: "POST" }, 405, "only GET is answered here"],
    ["/", { method: "HEAD" }, 405, "only GET is answered here"],
    ["/ice", { method: "OPTIONS", headers: { origin: "https://a.example", "access-control-request-method": "GET" } }, 405, "only GET is answered here"],
    ["/ice?service=turn", { hasBody: true }, 413, "a request has no body here"],
    ["/c/nosuch/ice?service=turn", {}, 404, "there is no such cluster"],
    ["/ice?service=turn&public-addr=a%20b", {}, 422, "public-addr must be an IP address or a host name"],
    [`/ice?service=turn&username=${"u".repeat(481)}`, {}, 422, "username has at most 480 bytes"],
    ["/ice?service=turn&username=a%0Ab", {}, 422, "username must not hold control characters"],
  ])("%s %j: %i", (url, more, code, message) => {
    const { status, headers, body } = ask(get(url, more));
    expect({ status, body: JSON.parse(body) as unknown }).toEqual({ status: code, body: { code, message } });
    expect(headers["Content-Type"]).toBe("application/json");
    expect(headers["Allow"]).toBe(code === 405 ? "GET" : undefined);
  });

  const { handles } = createCredentialsService({ ...OPEN, clusters: [] });
  it.each(["/", "/?a", "/ice", "/ice?a=/b", "/c/one/", "/c/one", "/c/one?x", "/c/one/ice?x", "http://h/ice", "http://h/"])("%s is its own", (url) => {
    expect(handles(url)).toBe(true);
  });
  it.each(["", "*", "/ice/", "/Ice", "//ice", "/c", "/c/", "/c//ice", "/c/one//", "/c/one/ice/", "/c/a%2Fb/ice", "/c/../ice", "/api/v1/configs", "/icex", "/healthz"])(
    "%s is another's",
    (url) => {
      expect(handles(url)).toBe(false);
    },
  );

  it("answers 404 to what is another's", () => {
    expect(ask("/ice/")).toMatchObject({ status: 404, body: "404 page not found\n" });
  });

  it("says nothing of parameters and clusters to those who may not ask", () => {
    const closed = { clusters: [{ name: "one", source: SOURCE, apiKeys: [KEY] }] };
    expect(ask("/ice?service=nonsense&ttl=x", closed).status).toBe(401);
    expect(ask("/c/nosuch/ice", closed).status).toBe(401);
  });
});
