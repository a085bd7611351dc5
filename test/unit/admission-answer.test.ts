import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Judge, ReviewRequest } from "../../shared/admission/verdict.ts";
import { decodeEvent } from "../../shared/events/decode.ts";
import { isRefusal, type Accepted } from "../../shared/events/decoded.ts";

/** What a kube-apiserver 1.36 sent. */
const REVIEWS = JSON.parse(readFileSync(join(import.meta.dirname, "events/recorded/reviews.json"), "utf8")) as Record<string, { request: Record<string, unknown> }>;
const headers = { "content-type": "application/json" };
const deny: Judge = () => ({ allowed: false, warnings: ["one"], message: "why" });

function ask(name: string, judge: Judge, changes: Record<string, unknown> = {}): Accepted {
  const review = REVIEWS[name];
  if (!review) throw new Error(`no review ${name}`);
  const body = Buffer.from(JSON.stringify({ ...review, request: { ...review.request, ...changes } }));
  const decoded = decodeEvent({ headers, body }, judge);
  if (isRefusal(decoded)) throw new Error(decoded.message);
  return decoded;
}

describe("the answer to a review", () => {
  it("says no with a status, and then nothing is to be expected", () => {
    const { changes, answer } = ask("gateway-create", deny);
    expect(answer).toEqual({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid: REVIEWS["gateway-create"]?.request["uid"], allowed: false, warnings: ["one"], status: { code: 422, reason: "Invalid", message: "why" } },
    });
    expect(changes).toEqual([]);
  });

  it("is yes with warnings, and the change is told all the same", () => {
    const { changes, answer } = ask("gateway-create", () => ({ allowed: true, warnings: ["one", "two"] }));
    expect(answer).toMatchObject({ response: { allowed: true, warnings: ["one", "two"] } });
    expect(changes).toHaveLength(1);
  });

  it("is judged by what is written, and not for statuses", () => {
    const asked: ReviewRequest[] = [];
    const note: Judge = (request) => {
      asked.push(request);
      return { allowed: true, warnings: [] };
    };
    ask("gateway-create", note);
    ask("gateway-class", note);
    ask("gateway-delete", note);
    ask("gateway-status", note);
    ask("service-status", note);
    ask("gateway-create", note, { operation: "CONNECT" });
    ask("gateway-create", note, { resource: { group: "example.org", version: "v1", resource: "things" } });
    const seen = asked.map(({ group, kind, operation, dryRun, object, oldObject }) => [group, kind, operation, dryRun, Boolean(object), Boolean(oldObject)]);
    expect(seen).toEqual([
      ["gateway.networking.k8s.io", "Gateway", "CREATE", false, true, false],
      ["gateway.networking.k8s.io", "Gateway", "UPDATE", false, true, true],
      ["gateway.networking.k8s.io", "Gateway", "DELETE", false, false, true],
    ]);
  });

  it("to a dry run is judged, and brings no change", () => {
    const { changes, answer } = ask("gateway-create", (request) => ({ allowed: true, warnings: [String(request.dryRun)] }), { dryRun: true });
    expect([changes, answer]).toMatchObject([[], { response: { allowed: true, warnings: ["true"] } }]);
  });
});
