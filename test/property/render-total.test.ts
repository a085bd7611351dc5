import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { render } from "../../shared/render/render.ts";
import { anyCase } from "../support/arbitraries/case.ts";
import { unrelatedObjects } from "../support/arbitraries/unrelated.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";
import { inputText, resultText } from "../support/result-text.ts";
import { stateOf } from "../support/state.ts";

describe("render is total and a function of the state", () => {
  it(
    "throws on nothing",
    () => {
      holds([anyCase], ({ state, options }) => {
        expect(() => render(state, options)).not.toThrow();
      });
    },
    PROPERTY_TIMEOUT,
  );

  it(
    "leaves its input as it was",
    () => {
      holds([anyCase], ({ state, options }) => {
        const before = inputText(state, options);
        render(state, options);
        expect(inputText(state, options)).toBe(before);
      });
    },
    PROPERTY_TIMEOUT,
  );

  const shuffled = anyCase.chain((one) =>
    fc.tuple(fc.constant(one), fc.shuffledSubarray([...one.objects], { minLength: one.objects.length })),
  );
  it(
    "the order of the objects does not matter to a byte",
    () => {
      holds([shuffled], ([{ state, options }, reordered]) => {
        expect(resultText(render(stateOf(reordered), options))).toBe(resultText(render(state, options)));
      });
    },
    PROPERTY_TIMEOUT,
  );

  it(
    "an object that nothing refers to changes nothing",
    () => {
      holds([anyCase, unrelatedObjects], ({ objects, state, options }, unrelated) => {
        expect(resultText(render(stateOf([...objects, ...unrelated]), options))).toBe(resultText(render(state, options)));
      });
    },
    PROPERTY_TIMEOUT,
  );
});
