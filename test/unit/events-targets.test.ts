import { describe, expect, it } from "vitest";
import { targetsOf } from "../../shared/events/watch/targets.ts";
import { KINDS } from "../../shared/resources/kinds.ts";
import { refs, SETTINGS } from "./events/fixtures.ts";

const served = new Map(KINDS.map((info) => [info, info.apiVersion]));
const ids = (...[references, more = {}, kinds = served]: [Parameters<typeof targetsOf>[1], Partial<typeof SETTINGS>?, typeof served?]) =>
  targetsOf(kinds, references, { ...SETTINGS, ...more }).map(({ id }) => id);

const BASE = [
  "apiextensions.k8s.io/v1 customresourcedefinitions",
  "gateway.networking.k8s.io/v1 gatewayclasses",
  "gateway.networking.k8s.io/v1 gateways",
  "gateway.networking.k8s.io/v1 udproutes",
  "gateway.networking.k8s.io/v1 referencegrants",
  "stunner.l7mp.io/v1 udproutes",
  "stunner.l7mp.io/v1 gatewayconfigs",
  "stunner.l7mp.io/v1 dataplanes",
  "stunner.l7mp.io/v1 staticservices",
  "v1 services",
];
const OWNED = "stunner.l7mp.io/owned-by=stunner";
const WORKLOADS = [`apps/v1 deployments ${OWNED}`, `apps/v1 daemonsets ${OWNED}`];

describe("what is watched", () => {
  it("is what concerns us anyway, as long as references are not known", () => {
    expect(ids(undefined)).toEqual([...BASE, "v1 nodes", "discovery.k8s.io/v1 endpointslices", ...WORKLOADS]);
  });

  it("is also what is referred to: Secrets by name, never all of them", () => {
    expect(ids(refs().references)).toEqual([
      ...BASE, "v1 secrets media cert", "v1 secrets stunner auth", "v1 namespaces", "v1 nodes", "discovery.k8s.io/v1 endpointslices", ...WORKLOADS,
    ]);
    expect(targetsOf(served, refs().references, SETTINGS).find(({ name }) => name === "cert")).toMatchObject({
      namespace: "media", fieldSelector: "metadata.name=cert", whole: false,
    });
  });

  it("is the metadata of a namespace's Secrets where many of it are used", () => {
    const secrets = new Set([...Array.from({ length: 17 }, (_, i) => `media/cert-${i}`), ...Array.from({ length: 16 }, (_, i) => `web/cert-${i}`)]);
    const targets = targetsOf(served, { ...refs().references, secrets }, SETTINGS).filter(({ kind }) => kind.kind === "Secret");
    expect(targets).toHaveLength(17);
    expect(targets[0]).toEqual({ id: "v1 secrets media", kind: expect.anything(), apiVersion: "v1", namespace: "media", whole: false });
    expect(targets.every(({ whole, namespace }) => !whole && namespace !== undefined)).toBe(true);
  });

  it("is content of Nodes alone", () => {
    expect(targetsOf(served, refs().references, SETTINGS).filter(({ whole }) => whole).map(({ kind }) => kind.kind)).toEqual(["Node"]);
  });

  it("follows the settings", () => {
    expect(ids(undefined, { endpointSlices: false })).toContain("v1 endpoints");
    expect(ids(undefined, { endpointSlices: false })).not.toContain("discovery.k8s.io/v1 endpointslices");
    expect(ids(undefined, { endpointDiscovery: false }).filter((id) => id.includes("endpoint"))).toEqual([]);
    expect(ids(undefined, { mode: "legacy" })).toContain(`v1 configmaps ${OWNED}`);
    expect(ids({ ...refs().references, namespaces: new Set() })).not.toContain("v1 namespaces");
  });

  it("is what the cluster serves, in the version that it serves", () => {
    const some = new Map([...served].filter(([{ kind }]) => kind === "UDPRoute").map(([info]) => [info, info.group.startsWith("g") ? "gateway.networking.k8s.io/v1alpha2" : info.apiVersion]));
    expect(ids(undefined, {}, some)).toEqual([BASE[0], "gateway.networking.k8s.io/v1alpha2 udproutes", "stunner.l7mp.io/v1 udproutes"]);
  });
});
