import { expect, it } from "vitest";
import { withoutFarewells } from "../../shared/apply/write-failures.ts";
import type { Deletion, DesiredStatus } from "../../shared/render/result.ts";

const AGO = "2024-01-01T00:00:00Z";
const statusOf = (name: string, lastTransitionTime?: string, namespace = "ns", kind: DesiredStatus["kind"] = "Gateway"): DesiredStatus =>
  ({ apiVersion: "gateway.networking.k8s.io/v1", kind, namespace, name, status: { conditions: [{ type: "Accepted", status: "True", ...(lastTransitionTime && { lastTransitionTime }) }] } }) as unknown as DesiredStatus;
const deletion = (name: string): Deletion => ({ apiVersion: "v1", kind: "Service", namespace: "ns", name });

it("leaves our mark on a Gateway that is let go while something in its namespace could not be deleted", () => {
  const bare = { ...statusOf("bare"), status: {} };
  const statuses = [statusOf("gone", AGO), bare, statusOf("ours"), statusOf("gone", AGO, "other"), statusOf("gone", AGO, "ns", "UDPRoute")];
  const deletions = [deletion("a"), deletion("b")];
  const failed = [undefined, { operation: "failed" as const, object: "Service ns/b" }];
  expect(withoutFarewells(statuses, deletions, failed)).toEqual(statuses.slice(2));
  const done = deletions.map(() => ({ operation: "deleted" as const, object: "x" }));
  expect(withoutFarewells(statuses, deletions, done)).toEqual(statuses);
  expect(withoutFarewells(statuses, deletions, [])).toEqual(statuses);
});
