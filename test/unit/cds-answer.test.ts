import { describe, expect, it } from "vitest";
import { configAnswer, licenseAnswer, listAnswer } from "../../shared/cds/answer.ts";
import { badHandshake, configNotFound, unavailable } from "../../shared/cds/refusals.ts";
import { Rendition } from "../../shared/cds/rendition.ts";
import type { Answer } from "../../shared/cds/answer.ts";
import type { ConfigEntry } from "../../shared/cds/source.ts";

function bodyOf({ body }: Answer): string {
  return typeof body === "string" ? body : Buffer.isBuffer(body) ? body.toString() : Buffer.concat([...body]).toString();
}

function entry(id: string, text = `{"version":"v1","admin":{"name":"${id}"}}`): ConfigEntry {
  return { id, digest: "d", text: Buffer.from(text) };
}

describe("one configuration", () => {
  const rendition = new Rendition("abc", Buffer.from('{"version":"v1"}'));

  it("is the published text and a newline", () => {
    const answer = configAnswer(rendition, undefined, 10);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ "Content-Type": "application/json", ETag: '"abc"', "Cache-Control": "private, no-store" });
    expect(answer.headers).toMatchObject({ Vary: "Authorization", "Stunner-Poll-Interval": "10" });
    expect(bodyOf(answer)).toBe('{"version":"v1"}\n');
    // echo '{"version":"v1"}' | sha256sum
    expect(answer.headers["Stunner-Body-Sha256"]).toBe("9a2df226d25ae5f31143e2a1d2f53e8658216683fd44ca53502ea3b0aa535577");
  });

  it.each(['"abc"', 'W/"abc"', '"x", "abc"', '"x",W/"abc" ', "*", " * "])("is not sent again to a client that has %s", (tags) => {
    expect(configAnswer(rendition, tags, 1)).toMatchObject({ status: 304, headers: { ETag: '"abc"', Vary: "Authorization", "Stunner-Poll-Interval": "1" }, body: "" });
  });

  it.each(['"abcd"', "abc", "", '"x","y"', '"W/abc"'])("is sent to a client that has %s", (tags) => {
    expect(configAnswer(rendition, tags, 1).status).toBe(200);
  });
});

describe("a list", () => {
  it("of nothing", () => {
    const answer = listAnswer([]);
    expect(answer.headers).toMatchObject({
      "Content-Type": "application/json",
      "Content-Length": "28",
      "Cache-Control": "private, no-store",
    });
    expect(bodyOf(answer)).toBe('{"items":[],"version":"v1"}\n');
  });

  it("holds the published texts, byte for byte, in order", () => {
    const answer = listAnswer([entry("a/b", '{"x":"\\u0024{"}'), entry("c/d", '{ "é" : 1 }')]);
    expect(bodyOf(answer)).toBe('{"items":[{"x":"\\u0024{"},{ "é" : 1 }],"version":"v1"}\n');
    expect(answer.headers["Content-Length"]).toBe(String(Buffer.byteLength(bodyOf(answer))));
  });

  it.each([
    [10_000, 1],
    [65_535, 2],
    [65_536, 4],
    [200_000, 4],
  ])("of three texts of %i bytes is made in %i pieces and is as long as it says", (size, pieces) => {
    const text = JSON.stringify({ pad: "p".repeat(size - 10) });
    expect(text).toHaveLength(size);
    const answer = listAnswer(["a/a", "a/b", "a/c"].map((id) => entry(id, text)));
    expect(JSON.parse(bodyOf(answer))).toEqual({ items: [1, 2, 3].map(() => JSON.parse(text)), version: "v1" });
    expect(answer.headers["Content-Length"]).toBe(String(Buffer.byteLength(bodyOf(answer))));
    expect(typeof answer.body === "string" ? 0 : [...answer.body].length).toBe(pieces);
  });
});

it("the licence is free", () => {
  expect(licenseAnswer()).toEqual({
    status: 200,
    headers: { "Content-Type": "application/json" },
    body: '{"enabledFeatures":[],"subscriptionType":"free","lastUpdated":"N/A","lastError":""}\n',
  });
});

describe("errors", () => {
  it("a missing configuration", () => {
    expect(configNotFound("ns1/gw1")).toEqual({
      status: 404,
      headers: { "Content-Type": "application/json" },
      body: '{"code":404,"message":"Config not found for ID ns1/gw1"}\n',
    });
    expect(bodyOf(configNotFound('a/"\n'))).toBe('{"code":404,"message":"Config not found for ID a/\\"\\n"}\n');
  });

  it("not now", () => {
    expect(unavailable("Later")).toEqual({
      status: 503,
      headers: { "Content-Type": "application/json", "Retry-After": "1" },
      body: '{"code":503,"message":"Later"}\n',
    });
  });

  it("no proper handshake", () => {
    const answer = badHandshake("unsupported version: 7");
    expect(answer.status).toBe(400);
    expect(answer.headers).toMatchObject({ "Content-Type": "text/plain; charset=utf-8", "Sec-WebSocket-Version": "13" });
    expect(bodyOf(answer)).toBe("Bad Request\nwebsocket: unsupported version: 7\n");
  });
});
