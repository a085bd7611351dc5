import { describe, expect, it } from "vitest";
import { settleStatus } from "../../shared/apply/settle-status.ts";

const NOW = Date.parse("2026-03-04T05:06:07.890Z");
const TIME = "2026-03-04T05:06:07Z";
const BEFORE = "2020-01-01T00:00:00Z";

function accepted(status: string, lastTransitionTime?: string, reason = "Accepted") {
  return { type: "Accepted", status, reason, message: "", ...(lastTransitionTime && { lastTransitionTime }) };
}

function entry(controllerName: string, parentRef: object, time?: string) {
  return { controllerName, parentRef, conditions: [accepted("True", time)] };
}

describe("settleStatus", () => {
  it("gives a new condition the present time", () => {
    expect(settleStatus(undefined, { conditions: [accepted("True")] }, NOW)).toEqual({ conditions: [accepted("True", TIME)] });
  });

  it("keeps the time while the status is the same, whatever the reason", () => {
    const live = { conditions: [accepted("False", BEFORE, "Pending")] };
    expect(settleStatus(live, { conditions: [accepted("False", undefined, "Invalid")] }, NOW)).toEqual({
      conditions: [accepted("False", BEFORE, "Invalid")],
    });
    expect(settleStatus(live, { conditions: [accepted("True")] }, NOW)).toEqual({ conditions: [accepted("True", TIME)] });
  });

  it("gives a time to a live condition without one", () => {
    expect(settleStatus({ conditions: [accepted("True", "")] }, { conditions: [accepted("True")] }, NOW).conditions[0]).toEqual(
      accepted("True", TIME),
    );
  });

  it("leaves a condition that has a time as it is", () => {
    const foreign = { conditions: [accepted("True", BEFORE)] };
    expect(settleStatus({ conditions: [accepted("False", TIME)] }, foreign, NOW)).toEqual(foreign);
  });

  it("finds listeners again by name", () => {
    const live = { listeners: [{ name: "a", conditions: [accepted("True", BEFORE)] }, { name: "b", conditions: [accepted("True", "x")] }] };
    const desired = { addresses: [{ value: "1" }], listeners: [{ name: "b", conditions: [] }, { name: "a", conditions: [accepted("True")] }] };
    expect(settleStatus(live, desired, NOW)).toEqual({
      addresses: [{ value: "1" }],
      listeners: [{ name: "b", conditions: [] }, { name: "a", conditions: [accepted("True", BEFORE)] }],
    });
  });

  it("finds parents again by controller and reference, with the defaults of the reference", () => {
    const full = { group: "gateway.networking.k8s.io", kind: "Gateway", name: "gw" };
    const live = { parents: [entry("them", { name: "gw" }, "x"), entry("us", full, BEFORE), entry("us", { name: "gw", port: 1 }, "y")] };
    const desired = { parents: [entry("us", { name: "gw" }), entry("us", { name: "gw", sectionName: "udp" }), entry("them", { name: "gw" }, "x")] };
    expect(settleStatus(live, desired, NOW).parents.map((parent) => parent.conditions[0]?.lastTransitionTime)).toEqual([BEFORE, TIME, "x"]);
  });

  it("takes live statuses of any form", () => {
    const desired = { conditions: [accepted("True")], parents: [{ conditions: [accepted("True")] }], listeners: "odd", constructor: [1] };
    for (const live of [null, 1, [], { conditions: {} }, { conditions: [null, 1] }, { parents: [{}] }]) {
      expect(settleStatus(live, desired, NOW).conditions).toEqual([accepted("True", TIME)]);
    }
    expect(settleStatus({}, { conditions: ["odd"] }, NOW)).toEqual({ conditions: ["odd"] });
  });
});
