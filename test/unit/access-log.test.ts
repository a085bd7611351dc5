import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shownPath } from "../../functions/local/access-log.ts";
import { holds } from "../support/property.ts";

const TOKEN = "st1.operator.V5cEzlS7mcxxCFdcHOnxhS0Ohyp6LH47pvdEuqmqRNc";

describe("a path in the access log", () => {
  it.each([
    ["/healthz?x=1", "/healthz"],
    ["/api/v1/configs", "/api/v1/configs"],
    ["/api/v1/configs/ns?watch=1", "/api/v1/configs/ns?watch=true"],
    ["/c/prod/api/v1/configs/ns/gw?node=n1&watch=true&x=y", "/c/prod/api/v1/configs/ns/gw?watch=true&node=n1"],
    ["/c/prod/ice?service=turn&key=abc", "/c/prod/ice"],
    ["/c/prod/api/v1/license", "/c/prod/api/v1/license"],
    [`/v1/clusters/prod/events/${TOKEN}?timeout=1s`, "/v1/clusters/prod/events/…"],
    [`/v1/clusters/${TOKEN}`, "/v1/clusters/…/events/…"],
    [`/v1/clusters/prod/events/${TOKEN}/x`, "/v1/clusters/…/events/…"],
    [`/${TOKEN}`, "…"],
    [`/c/${TOKEN}/ice`, "…"],
    [`/api/v1/configs/ns/${TOKEN}`, "…"],
    ["http://host/api/v1/configs/ns", "/api/v1/configs/ns"],
    ["", "…"],
  ])("is told without secrets: case %#", (url, shown) => expect(shownPath(url)).toBe(shown));

  it("is short, on one line, and without a token wherever one stands", () => {
    const part = fc.constantFrom("/", "/api/v1/configs", "/c/prod", "/v1/clusters", "/events", "/ns", "?watch=true", "&node=", "%2f", "\r\n", "http://h", TOKEN);
    holds([fc.array(part, { maxLength: 12 })], (parts) => {
      const shown = shownPath(parts.join(""));
      expect(shown).toMatch(/^(…|\/[!-~…]*)$/);
      expect(shown).not.toContain(TOKEN.slice(0, 20));
      expect(shown.length).toBeLessThan(700);
    });
  });
});
