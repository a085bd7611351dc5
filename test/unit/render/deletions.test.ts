import { describe, expect, it } from "vitest";
import { annotated, dataplane, gateway, gatewayClass, ownedService, ownership, rendered, service, workload } from "./builders.ts";
import { deletionKeys } from "./reading.ts";

const DISABLED = annotated({ "stunner.l7mp.io/disable-managed-dataplane": "true" });

const none = (key: string) => gateway([], {}, key);

// improvements I9, I32: owned by label and ownerReference, never by name alone.
describe("deletions", () => {
  it("name what goes, with what a precondition needs", () => {
    const deployment = workload("Deployment", "media/gw", { ...ownership(), uid: "uid-of-deployment", resourceVersion: "17" });
    const deletions = rendered([DISABLED, deployment]).deletions;
    expect(deletions).toEqual([
      { apiVersion: "apps/v1", kind: "Deployment", namespace: "media", name: "gw", uid: "uid-of-deployment", resourceVersion: "17" },
    ]);
    const bare = workload("Deployment", "media/gw", { ...ownership(), uid: undefined });
    expect(Object.keys(rendered([DISABLED, bare]).deletions[0] ?? {})).toEqual(["apiVersion", "kind", "namespace", "name"]);
  });

  it.each([
    ["the name alone", {}],
    ["the label alone", { labels: { "stunner.l7mp.io/owned-by": "stunner" } }],
    ["another label", { ...ownership(), labels: { "stunner.l7mp.io/owned-by": "me" } }],
    ["no labels", { ...ownership(), labels: undefined }],
    ["no owner", { ...ownership(), ownerReferences: undefined }],
    ["the owner of another uid", ownership("media/gw", "other")],
    ["the owner of another name", ownership("media/other")],
  ])("do not touch what has %s", (_, meta) => {
    expect(rendered([DISABLED, workload("Deployment", "media/gw", meta)]).deletions).toEqual([]);
  });

  it("are the workload of the other kind (I23; spec/resources.md 3.7)", () => {
    expect(deletionKeys(rendered([gateway(), workload("DaemonSet"), workload("Deployment")]))).toEqual(["DaemonSet/media/gw"]);
    const daemonSet = dataplane({ dataplaneResource: "DaemonSet" });
    expect(deletionKeys(rendered([gateway(), daemonSet, workload("DaemonSet"), workload("Deployment")]))).toEqual(["Deployment/media/gw"]);
  });

  it("are both workloads where the managed dataplane is disabled", () => {
    expect(
      deletionKeys(rendered([DISABLED, workload("DaemonSet"), workload("Deployment"), ownedService()])),
    ).toEqual(["DaemonSet/media/gw", "Deployment/media/gw"]);
  });

  it("are never the workloads of a managed past in legacy mode (spec/resources.md 4.1)", () => {
    expect(rendered([gateway(), workload("DaemonSet"), workload("Deployment")], { mode: "legacy" }).deletions).toEqual([]);
  });

  it("are not what belongs to a Gateway that is gone: that is the garbage collector's", () => {
    expect(rendered([ownedService(), workload("Deployment")]).deletions).toEqual([]);
  });

  it("are not the user's own Service, whose name is another", () => {
    expect(rendered([gateway(), service("media/mine", {}, ownership())]).deletions).toEqual([]);
    expect(rendered([annotated({ "stunner.l7mp.io/service-type": "None" }), service("media/mine", {}, ownership())]).deletions).toEqual([]);
  });

  it("are nothing of a Gateway of another controller", () => {
    const foreign = [gatewayClass({ controllerName: "example.com/x" }, "foreign"), gateway(undefined, { gatewayClassName: "foreign" })];
    expect(rendered([...foreign, ownedService(), workload("Deployment")]).deletions).toEqual([]);
  });

  it("stand in the order of kinds and names", () => {
    const objects = ["media/b", "media/a"].flatMap((key) => [none(key), ownedService({}, undefined, key), workload("DaemonSet", key)]);
    expect(deletionKeys(rendered(objects, { onInvalid: "teardown" }))).toEqual([
      "DaemonSet/media/a",
      "DaemonSet/media/b",
      "Service/media/a",
      "Service/media/b",
    ]);
  });

  it("are none where nothing changed", () => {
    expect(rendered([gateway(), ownedService(), workload("Deployment")]).deletions).toEqual([]);
  });
});
