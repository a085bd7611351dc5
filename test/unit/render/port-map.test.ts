import { describe, expect, it } from "vitest";
import { parsePortMap } from "../../../shared/render/port-map.ts";

// spec/resources.md 2.4 and edge cases 23, 24.
describe("parsePortMap", () => {
  it.each([
    ['{"udp":30478}', [["udp", 30_478]]],
    ['"udp":30478', [["udp", 30_478]]],
    ['"a":1,"b":2', [["a", 1], ["b", 2]]],
    [' { "a" : 1 } ', [["a", 1]]],
    ['  "a": 1  ', [["a", 1]]],
    ["{}", []],
    ["", []],
    ["  ", []],
    ['{"a":-1}', [["a", -1]]],
    ['{"a":0}', [["a", 0]]],
    ['{"a":99999999}', [["a", 99_999_999]]],
    ['{"__proto__":1}', [["__proto__", 1]]],
  ])("reads %j", (text, entries) => {
    expect([...(parsePortMap(text) ?? [["nothing", 0]])]).toEqual(entries);
  });

  it.each([
    '"dummy"',
    "dummy",
    '{"a":{"b":1}}',
    '{"a":"1"}',
    '{"a":1.5}',
    '{"a":1',
    '"a":1}',
    '{"a":null}',
    '{"a":true}',
    '{"a":[1]}',
    '{"a":1,"b":"2"}',
    "null",
    "1",
    "[1]",
    "{",
    "}",
  ])(
    "takes nothing of %j",
    (text) => {
      expect(parsePortMap(text)).toBeUndefined();
    },
  );
});
