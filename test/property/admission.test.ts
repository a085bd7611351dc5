import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { snapshotOf } from "../../shared/admission/snapshot.ts";
import { render } from "../../shared/render/render.ts";
import type { Problem } from "../../shared/render/result.ts";
import { findReferences } from "../../shared/state/live/references.ts";
import { anyCase, type Case } from "../support/arbitraries/case.ts";
import { childOf, isObject, listOf, textOf, type JsonObject } from "../support/json.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";
import { judged, request, sentences } from "../support/reviews.ts";

/** Of the contents of Secrets a snapshot only has the keys; of long lists the beginning. */
const UNTOLD = new Set(["InvalidCertificateRef", "CertificateNotValidNow", "PortRange", "BackendNotFound"]);
const SECRETS = ["userName", "password", "sharedSecret"];

function nameOf(object: JsonObject): string {
  const { kind } = object;
  const metadata = childOf(object, "metadata");
  const namespace = textOf(metadata, "namespace");
  return `${String(kind)} ${namespace === "" ? "" : `${namespace}/`}${textOf(metadata, "name")}`;
}

/** The listener, where it is one: of several mistakes in it a pass tells the first that it comes across. */
const placeOf = (field: string): string => /^spec\.listeners\[\d+\]/.exec(field)?.[0] ?? field;

/** Of several certificates of a listener one that is good is enough, and whether it is only a pass can tell. */
function isOneOfSeveral(object: JsonObject, { field }: Problem): boolean {
  const [, index = ""] = /^spec\.listeners\[(\d+)\]\.tls\.certificateRefs/.exec(field) ?? [];
  const listener = listOf(childOf(object, "spec"), "listeners")[Number(index)];
  return index !== "" && isObject(listener) && listOf(childOf(listener, "tls"), "certificateRefs").length > 1;
}

/** Of several backends one problem tells all that is wrong, the references first: endpoints only a pass knows. */
function judgeable(field: string, message: string): string {
  return field.endsWith(".backendRefs") ? (message.split("; ")[0] ?? "") : message;
}

const anyObject = anyCase.chain((one) => fc.tuple(fc.constant(one), fc.nat(Math.max(0, one.objects.length - 1))));

function setUp({ objects, state, options }: Case, index: number) {
  const object = objects[index] ?? {};
  const snapshot = snapshotOf(state, findReferences(state, options), options);
  const problems: Problem[] = render(state, options).problems.filter((one) => one.object === nameOf(object));
  return { object, snapshot, problems, options };
}

describe("any object in any cluster", () => {
  it(
    "is answered within the limits of API servers, without its credentials",
    () => {
      holds([anyObject], ([one, index]) => {
        const { object, snapshot, options } = setUp(one, index);
        const planted = { ...childOf(object, "spec") };
        for (const field of SECRETS) if (typeof planted[field] === "string") planted[field] = `planted-${field}`;
        const given = object["kind"] === "GatewayConfig" ? { ...object, spec: planted } : object;
        for (const write of [request(given), request(given, object), request(undefined, object)]) {
          const verdict = judged(write, { snapshot, mode: "deny", render: options });
          expect(verdict.warnings.length).toBeLessThanOrEqual(16);
          for (const line of verdict.warnings) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(120);
          expect(JSON.stringify(verdict)).not.toContain("planted");
          expect(verdict.allowed || (verdict.message ?? "") !== "").toBe(true);
          expect(write.operation !== "DELETE" || verdict.allowed).toBe(true);
        }
      });
    },
    PROPERTY_TIMEOUT,
  );

  it(
    "is told what a pass over the whole cluster will say of it",
    () => {
      holds([anyObject], ([one, index]) => {
        const { object, snapshot, problems, options } = setUp(one, index);
        if (object["kind"] === "Secret") return;
        // What is going is left alone; of two routes of one name, in two groups, problems do not say which is meant.
        if (childOf(object, "metadata")["deletionTimestamp"] !== undefined || one.objects.filter((other) => nameOf(other) === nameOf(object)).length > 1) return;
        const verdict = judged(request(object, object), { snapshot, render: options });
        if (verdict.warnings.some((line) => /^\.\.\. and \d+ more$/.test(line))) return;
        const told = sentences(verdict).join("\n");
        const expected = problems.filter((problem) => !UNTOLD.has(problem.reason) && !isOneOfSeveral(object, problem));
        const silenced = expected.filter(({ field, message }) => !told.includes(judgeable(field, message).slice(0, 200)));
        expect(silenced).toEqual([]);
      });
    },
    PROPERTY_TIMEOUT,
  );

  it(
    "is refused for what a pass finds wrong as well, in whatever cluster it is rendered",
    () => {
      holds([anyObject], ([one, index]) => {
        const { object, snapshot, problems, options } = setUp(one, index);
        const rendered = render(one.state, options).configs.has(nameOf(object).slice("Gateway ".length));
        if (object["kind"] !== "Gateway" || !rendered) return;
        const { allowed, message = "" } = judged(request(object), { snapshot, mode: "deny", render: options });
        const places = problems.map(({ field }) => placeOf(field));
        const refused = allowed ? [] : message.split("; ").filter((text) => text.startsWith("spec.")).map((part) => placeOf(part.split(": ")[0] ?? ""));
        expect(places).toEqual(expect.arrayContaining(refused));
      });
    },
    PROPERTY_TIMEOUT,
  );
});
