import { validateHeaderValue } from "node:http";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCdsTarget, parseRequest } from "../../shared/cds/request.ts";
import type { Answer } from "../../shared/cds/answer.ts";

function answer(target: string, method = "GET", prefix?: string): Answer {
  const request = parseRequest(method, target, prefix);
  if (request.kind !== "refused") throw new Error(`${target} was accepted as ${JSON.stringify(request)}`);
  return request.answer;
}

describe("what is asked for (spec/cds.md 2)", () => {
  it.each([
    ["/api/v1/configs", { kind: "list", namespace: undefined, watch: false }],
    ["/api/v1/configs?watch=true", { kind: "list", namespace: undefined, watch: true }],
    ["/api/v1/configs?", { kind: "list", namespace: undefined, watch: false }],
    ["/api/v1/configs/ns1", { kind: "list", namespace: "ns1", watch: false }],
    ["/api/v1/configs/ns1?node=n&watch=1", { kind: "list", namespace: "ns1", watch: true }],
    ["/api/v1/configs/ns1/gw1", { kind: "config", id: "ns1/gw1", node: "", watch: false }],
    ["/api/v1/configs/ns1/gw1?node=node-a&watch=true", { kind: "config", id: "ns1/gw1", node: "node-a", watch: true }],
    ["/api/v1/configs/ns1/gw1?node=node%2Dx.y", { kind: "config", id: "ns1/gw1", node: "node-x.y", watch: false }],
    ["/api/v1/configs/ns1/gw1?node=node%2Fx+y", { kind: "config", id: "ns1/gw1", node: "", watch: false }],
    ["/api/v1/configs/ns1/gw1?node=", { kind: "config", id: "ns1/gw1", node: "", watch: false }],
    ["/api/v1/configs/ns1/gw1?unknown=1&watch=F", { kind: "config", id: "ns1/gw1", node: "", watch: false }],
    ["/api/v1/configs/%6es1/gw%2d1.a", { kind: "config", id: "ns1/gw-1.a", node: "", watch: false }],
    ["/api/v1/license", { kind: "license" }],
    ["/api/v1/license?watch=maybe", { kind: "license" }],
    ["http://cds.example:13478/api/v1/configs/ns1", { kind: "list", namespace: "ns1", watch: false }],
  ])("%s", (target, wanted) => {
    expect(parseRequest("GET", target)).toEqual(wanted);
  });

  it.each(["1", "t", "T", "true", "TRUE", "True"])("watch=%s is true", (value) => {
    expect(parseRequest("GET", `/api/v1/configs?watch=${value}`)).toMatchObject({ watch: true });
  });

  it.each(["0", "f", "F", "false", "FALSE", "False"])("watch=%s is false", (value) => {
    expect(parseRequest("GET", `/api/v1/configs?watch=${value}`)).toMatchObject({ watch: false });
  });

  it("takes a node name that cannot exist for none", () => {
    expect(parseRequest("GET", `/api/v1/configs/a/b?node=${"n".repeat(253)}`)).toMatchObject({ node: "n".repeat(253) });
    expect(parseRequest("GET", `/api/v1/configs/a/b?node=${"n".repeat(254)}`)).toMatchObject({ node: "" });
  });
});

describe("what is refused (spec/cds.md 2.1)", () => {
  it.each([
    "/",
    "",
    "*",
    "/api/v1/configs/",
    "/api/v1/configs/ns/",
    "/api/v1/configs/ns/gw/",
    "/api/v1/configs/ns/gw/more",
    "/api/v1/license/",
    "/api/v1/licenses",
    "/api/v2/configs",
    "/API/v1/configs",
    "/api/v1/configsx",
    "/api/v1/configs/..",
    "/api/v1/configs/../license",
    "/api/v1/configs/../../../etc/passwd",
    "/api/v1/configs/./gw",
    "/api/v1/configs/ns/..",
    "/api/v1/configs/%2e%2e/gw",
    "/api/v1/configs/ns/%2E%2E",
    "/api/v1/configs/ns%2fgw",
    "/api/v1/configs/ns/gw%2F..%2F..",
    "/api/v1/configs/ns/gw%00",
    "/api/v1/configs/ns/%0d%0aX:%20y",
    "/api/v1/configs/ns/%ff%fe",
    "/api/v1/configs/ns/%C3",
    "/api/v1/configs/a%20b/c%20d",
    "/api/v1/configs/ns/gw%3Fx=1",
    "/api/v1/configs/%C3%A9/gw",
    "/api/v1/configs/NS/gw",
    "/api/v1/configs/ns/-gw",
    "/api/v1/configs/ns/a..b",
    "/api/v1/configs/n.s/gw",
    `/api/v1/configs/${"a".repeat(64)}`,
    "//evil.example/x",
    "/\\//evil.example/x",
    "//healthz",
    "//api/v1/configs/ns/g\u0000w",
    `/api/v1/configs/ns/${"a".repeat(254)}`,
    `/api/v1/configs/${"a".repeat(100_000)}`,
  ])("%s is no page", (target) => {
    expect(answer(target)).toEqual({
      status: 404,
      headers: { "Content-Type": "application/json" },
      body: '{"code":404,"message":"404 page not found"}\n',
    });
  });

  it("admits the longest name there can be", () => {
    expect(parseRequest("GET", `/api/v1/configs/ns/${"a".repeat(253)}`).kind).toBe("config");
  });

  it.each(["/api/v1/configs/ns/%", "/api/v1/configs/ns/%4", "/api/v1/configs/%zz/gw", "/api/v1/configs/%u0041"])(
    "%s is malformed",
    (target) => {
      expect(answer(target)).toMatchObject({ status: 400, headers: { "Content-Type": "text/plain; charset=utf-8" } });
      expect(String(answer(target).body)).toMatch(/^Bad Request\n.*%/);
    },
  );

  it.each(["HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get"])("%s is not allowed", (method) => {
    for (const target of ["/api/v1/configs", "/api/v1/configs/ns", "/api/v1/configs/ns/gw?watch=maybe", "/api/v1/license"]) {
      const body = '{"code":405,"message":"Only GET is answered here"}\n';
      expect(answer(target, method)).toEqual({ status: 405, headers: { Allow: "GET", "Content-Type": "application/json" }, body });
    }
    expect(answer("/api/v1/other", method).status).toBe(404);
  });

  it.each(["maybe", "", "yes", "tRUE", "2", "%74rue%20"])("watch=%s is no boolean", (value) => {
    for (const path of ["/api/v1/configs", "/api/v1/configs/ns", "/api/v1/configs/ns/gw"]) {
      const refused = answer(`${path}?watch=${value}`);
      expect(refused).toMatchObject({ status: 400, headers: { "Content-Type": "text/plain; charset=utf-8" } });
      expect(String(refused.body)).toMatch(/^Invalid format for parameter watch: /);
    }
  });

  it("repeats nothing of a bad value", () => {
    expect(answer("/api/v1/configs?watch=secret").body).toBe(answer(`/api/v1/configs?watch=${"%0a".repeat(5_000)}`).body);
    expect(answer("//api/v1/configs/ns/Secret").status).toBe(404);
  });

  it.each([
    ["//api/v1/configs", "/api/v1/configs"],
    ["/api//v1///configs/ns/gw?node=a.b&watch=1", "/api/v1/configs/ns/gw?node=a.b&watch=1"],
    ["//api/v1/configs/ns?node=\r\nX: y", "/api/v1/configs/ns"],
    ["/api//v1///configs/ns/gw?node=a//b&token=secret&watch=no", "/api/v1/configs/ns/gw"],
    ["/api/v1/configs//?watch=true", "/api/v1/configs/?watch=true"],
    ["http://host//api/v1/configs", "/api/v1/configs"],
  ])("%s has moved to %s", (target, location) => {
    expect(answer(target)).toEqual({ status: 301, headers: { Location: location }, body: "" });
  });
});

describe("path prefix", () => {
  it("is taken off", () => {
    expect(parseRequest("GET", "/c/east/api/v1/configs/ns/gw", "/c/east")).toMatchObject({ kind: "config", id: "ns/gw" });
    expect(answer("/c/east//api/v1/configs", "GET", "/c/east").headers).toEqual({ Location: "/c/east/api/v1/configs" });
  });

  it("is required", () => {
    expect(answer("/api/v1/configs", "GET", "/c/east").status).toBe(404);
    expect(answer("/c/eastern/api/v1/configs", "GET", "/c/east").status).toBe(404);
    expect(answer("/c/east", "GET", "/c/east").status).toBe(404);
  });
});

describe("which requests belong to CDS", () => {
  it.each([
    "/api/v1/configs",
    "/api/v1/configs?watch=1",
    "/api/v1/configs/a/b/c",
    "/api/v1/license",
    "//api/v1/configs",
    "http://h/api/v1/license/",
  ])("%s does", (target) => {
    expect(isCdsTarget(target)).toBe(true);
  });

  it.each(["/", "", "/healthz", "/metrics", "/api/v1", "/api/v1/configuration", "/v1/clusters/x/events/y", "*"])(
    "%s does not",
    (target) => {
      expect(isCdsTarget(target)).toBe(false);
    },
  );

  it("with a prefix only those below it", () => {
    expect(isCdsTarget("/c/east/api/v1/configs/ns", "/c/east")).toBe(true);
    expect(isCdsTarget("/api/v1/configs/ns", "/c/east")).toBe(false);
  });
});

describe("whatever is asked", () => {
  const words = ["api", "v1", "configs", "ns", "é", "\u{d800}"];
  const signs = ["/", "..", "%2f", "%00", "%", "%ff", "?watch=", "&", "http://", "\0", "\\", "\r\n", "#"];
  const hostile = fc.array(fc.constantFrom(...words, ...signs)).map((chosen) => chosen.join(""));
  const below = fc.tuple(fc.constantFrom("/api/v1/configs", "//api/v1/configs"), hostile).map((parts) => parts.join(""));
  const target = fc.oneof(fc.string({ unit: "binary" }), hostile, below);

  it("never throws and answers sensibly", () => {
    expect(() =>
      fc.assert(
        fc.property(target, (asked) => fault(asked) === undefined && typeof isCdsTarget(asked) === "boolean"),
        { numRuns: 20_000 },
      ),
    ).not.toThrow();
  });
});

/** What is wrong with the outcome, if anything. */
function fault(asked: string): string | undefined {
  const request = parseRequest("GET", asked);
  if (request.kind === "config" && request.id.split("/").length !== 2) return `id ${request.id}`;
  if (request.kind !== "refused") return undefined;
  const { status, headers } = request.answer;
  for (const [name, value] of Object.entries(headers)) validateHeaderValue(name, value);
  if (status === 301 && new URL(headers["Location"] ?? "", "http://cds.example").host !== "cds.example") return "leads elsewhere";
  return [301, 400, 404].includes(status) ? undefined : `status ${status}`;
}
