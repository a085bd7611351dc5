import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { render } from "../../shared/render/render.ts";
import { kindOf, type KindInfo } from "../../shared/resources/kinds.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { toObject } from "../../shared/state/live/to-object.ts";
import { anyCase } from "../support/arbitraries/case.ts";
import { clusterObjects } from "../support/arbitraries/cluster.ts";
import { renderOptions } from "../support/arbitraries/options.ts";
import { unrelatedObjects } from "../support/arbitraries/unrelated.ts";
import { textOf, type JsonObject } from "../support/json.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";
import { inputText, resultText } from "../support/result-text.ts";
import { stateOf } from "../support/state.ts";
import { damaged } from "./damaged.ts";

describe("render is total and a function of the state", () => {
  it(
    "throws on nothing that a cluster with looser CRDs holds",
    () => {
      let unreadable = 0;
      holds([damaged(clusterObjects), renderOptions], (objects, options) => {
        const read = objects.map((object) => toObject(infoOf(object), object));
        for (const { unreadable: one } of read) {
          if (!one) continue;
          unreadable += 1;
          expect(one.problem).toMatchObject({ severity: "error", object: `${one.info.kind} ${one.key}`, reason: "Unreadable" });
        }
        expect(() => render(clusterState(read.flatMap(({ object }) => object ?? [])), options)).not.toThrow();
      });
      expect(unreadable).toBeGreaterThan(0);
    },
    PROPERTY_TIMEOUT,
  );

  it(
    "throws on nothing, and leaves its input as it was",
    () => {
      holds([anyCase], ({ state, options }) => {
        const before = inputText(state, options);
        expect(() => render(state, options)).not.toThrow();
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

function infoOf(object: JsonObject): KindInfo {
  const info = kindOf({ apiVersion: textOf(object, "apiVersion"), kind: textOf(object, "kind") });
  if (!info) throw new TypeError(`kind ${textOf(object, "kind")} is not known`);
  return info;
}
