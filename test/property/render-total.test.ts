import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { render } from "../../shared/render/render.ts";
import { anyCase } from "../support/arbitraries/case.ts";
import { unrelatedObjects } from "../support/arbitraries/unrelated.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";
import { resultText } from "../support/result-text.ts";
import { stateOf } from "../support/state.ts";

describe("render is total and a function of the state", () => {
  it("throws on nothing", () => {
    holds([anyCase], ({ objects, options }) => {
      expect(() => render(stateOf(objects), options)).not.toThrow();
    });
  }, PROPERTY_TIMEOUT);

  const shuffled = anyCase.chain((one) => fc.tuple(fc.constant(one), fc.shuffledSubarray([...one.objects], { minLength: one.objects.length })));
  it("the order of the objects does not matter to a byte", () => {
    holds([shuffled], ([{ objects, options }, reordered]) => {
      expect(resultText(render(stateOf(reordered), options))).toBe(resultText(render(stateOf(objects), options)));
    });
  }, PROPERTY_TIMEOUT);

  it("an object that nothing refers to changes nothing", () => {
    holds([anyCase, unrelatedObjects], ({ objects, options }, unrelated) => {
      expect(resultText(render(stateOf([...objects, ...unrelated]), options))).toBe(resultText(render(stateOf(objects), options)));
    });
  }, PROPERTY_TIMEOUT);
});
