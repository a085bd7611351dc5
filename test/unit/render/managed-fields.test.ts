import { describe, expect, it } from "vitest";
import { CONTROLLER_NAME } from "../../../shared/resources/constants.ts";
import { statusManager, wroteCondition } from "../../../shared/render/managed-fields.ts";
import type { ObjectMeta } from "../../../shared/resources/meta.ts";

const entry = (manager: unknown, ...types: string[]) => ({
  manager,
  operation: "Apply",
  subresource: "status",
  fieldsV1: { "f:status": { "f:conditions": Object.fromEntries(types.map((type) => [`k:{"type":"${type}"}`, { ".": {} }])) } },
});
const metadata = (managedFields: unknown): ObjectMeta => ({ name: "gw", managedFields });

// improvements I9: a condition is ours only where managedFields say that we wrote it last.
describe("wroteCondition", () => {
  it("is told by an entry of our field manager", () => {
    const fields = [entry("someone", "Programmed"), entry("stunner-serverless", "Accepted")];
    expect(wroteCondition(metadata(fields), "Accepted", CONTROLLER_NAME)).toBe(true);
    expect(wroteCondition(metadata(fields), "Programmed", CONTROLLER_NAME)).toBe(false);
  });

  it("tells installations apart by their controllers", () => {
    const other = metadata([entry("stunner-serverless:example.com/other", "Accepted")]);
    expect(wroteCondition(other, "Accepted", "example.com/other")).toBe(true);
    expect(wroteCondition(other, "Accepted", CONTROLLER_NAME)).toBe(false);
    expect(wroteCondition(metadata([entry("stunner-serverless", "Accepted")]), "Accepted", "example.com/other")).toBe(false);
  });

  it("cuts the manager's name where an API server would refuse it, at 128 characters", () => {
    const controller = `example.com/${"x".repeat(200)}`;
    expect(statusManager(controller)).toBe(`stunner-serverless:example.com/${"x".repeat(97)}`);
    expect(wroteCondition(metadata([entry(statusManager(controller), "Accepted")]), "Accepted", controller)).toBe(true);
    expect(statusManager(CONTROLLER_NAME)).toBe("stunner-serverless");
  });

  it("takes no other manager", () => {
    expect(wroteCondition(metadata([entry("my-stunner-serverless", "Accepted")]), "Accepted", CONTROLLER_NAME)).toBe(false);
    expect(wroteCondition(metadata([entry("stunner-gateway-operator", "Accepted")]), "Accepted", CONTROLLER_NAME)).toBe(false);
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["no list", "Accepted"],
    ["an empty list", []],
    ["an entry of another shape", [1]],
    ["an entry without manager", [entry(undefined, "Accepted")]],
    ["a manager that is no text", [entry(5, "Accepted")]],
    ["an entry without fields", [{ manager: "stunner-serverless" }]],
    ["fields without status", [{ manager: "stunner-serverless", fieldsV1: {} }]],
    ["a status without conditions", [{ manager: "stunner-serverless", fieldsV1: { "f:status": {} } }]],
    ["a status of another shape", [{ manager: "stunner-serverless", fieldsV1: { "f:status": [] } }]],
  ])("is false for %s", (_, managedFields) => {
    expect(wroteCondition(metadata(managedFields), "Accepted", CONTROLLER_NAME)).toBe(false);
  });
});
