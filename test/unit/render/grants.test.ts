import { describe, expect, it } from "vitest";
import { isGranted } from "../../../shared/render/grants.ts";
import { grant, stateWith } from "./builders.ts";

const FROM = { group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "media" };
const TO = { group: "", kind: "Secret", namespace: "certs", name: "turn" };
const from = { ...FROM };
const to = { group: "", kind: "Secret" };
const granted = (...grants: Parameters<typeof stateWith>) => isGranted(stateWith(...grants), FROM, TO);

// ReferenceGrant of Gateway API; improvements I20.
describe("isGranted", () => {
  it("needs nothing within a namespace", () => {
    expect(isGranted(stateWith(), FROM, { ...TO, namespace: "media" })).toBe(true);
  });

  it("needs a grant across namespaces", () => {
    expect(granted()).toBe(false);
    expect(granted(grant("certs/g", [from], [to]))).toBe(true);
    expect(granted(grant("certs/g", [from], [{ ...to, name: "turn" }]))).toBe(true);
    expect(granted(grant("certs/g", [from], [{ ...to, name: "" }]))).toBe(true);
  });

  it.each([
    ["stands in another namespace", grant("media/g", [from], [to])],
    ["is for another group of referrers", grant("certs/g", [{ ...from, group: "stunner.l7mp.io" }], [to])],
    ["is for another kind of referrers", grant("certs/g", [{ ...from, kind: "UDPRoute" }], [to])],
    ["is for another namespace", grant("certs/g", [{ ...from, namespace: "other" }], [to])],
    ["is to another group", grant("certs/g", [from], [{ ...to, group: "v1" }])],
    ["is to another kind", grant("certs/g", [from], [{ ...to, kind: "Service" }])],
    ["is to another name", grant("certs/g", [from], [{ ...to, name: "other" }])],
  ])("does not count a grant that %s", (_, one) => {
    expect(granted(one)).toBe(false);
  });

  it("takes any of several grants, and of several entries", () => {
    expect(granted(grant("certs/a", [{ ...from, namespace: "other" }], [to]), grant("certs/b", [from], [to]))).toBe(true);
    expect(granted(grant("certs/a", [{ ...from, namespace: "other" }, from], [{ ...to, name: "other" }, to]))).toBe(true);
    expect(granted(grant("certs/a", [from], [{ ...to, name: "other" }]), grant("certs/b", [{ ...from, kind: "X" }], [to]))).toBe(false);
  });
});
