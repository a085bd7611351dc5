import { describe, expect, it } from "vitest";
import { render } from "../../shared/render/render.ts";
import { OfflineCluster, refOf } from "../golden/cluster.ts";
import { OfflineControlPlane } from "../golden/control-plane.ts";
import { differences } from "../golden/differences.ts";
import { everything, outsideInput } from "../golden/replay.ts";
import { repeatedItem } from "../golden/server-side-apply.ts";
import { anyCase, type Case } from "../support/arbitraries/case.ts";
import { childOf, toJson } from "../support/json.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";

describe("objects", () => {
  it(
    "can be applied server-side: no list names an item twice",
    () => {
      holds([anyCase], ({ state, options }) => {
        for (const object of render(state, options).objects) expect(repeatedItem(toJson(object))).toBeUndefined();
      });
    },
    PROPERTY_TIMEOUT,
  );
});

describe("rendering arrives in one pass", () => {
  it(
    "a second pass over what the first one wrote changes nothing",
    () => {
      holds([anyCase], (one) => {
        const cluster = clusterOf(one);
        const controlPlane = new OfflineControlPlane(cluster, one.options, one.options.published);
        let input = outsideInput(cluster);
        controlPlane.pass();
        if (outsideInput(cluster) !== input) controlPlane.pass();
        input = outsideInput(cluster);
        const before = everything(cluster, controlPlane);
        controlPlane.pass();
        expect(differences(before, everything(cluster, controlPlane))).toEqual([]);
      });
    },
    PROPERTY_TIMEOUT,
  );
});

/** The random objects as somebody applied them; what the API server refuses is not there. */
function clusterOf({ objects }: Case): OfflineCluster {
  const cluster = new OfflineCluster();
  for (const object of objects) {
    if (!cluster.apply("somebody", object) && object["status"] !== undefined)
      cluster.putStatus("somebody", refOf(object), childOf(object, "status"));
  }
  return cluster;
}
