import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { dataplaneV1alpha1Schema } from "../../shared/resources/dataplane.ts";
import { gatewayConfigV1alpha1Schema } from "../../shared/resources/gateway-config.ts";
import { kindOf } from "../../shared/resources/kinds.ts";
import { staticServiceV1alpha1Schema } from "../../shared/resources/static-service.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";
import { withDefaults } from "./crd-defaults.ts";
import { repairGateway, repairRoute } from "./crd-repair.ts";
import { type Schema, valuesOf } from "./crd-values.ts";

interface Crd {
  spec: { group: string; names: { kind: string }; versions: { name: string; schema: { openAPIV3Schema: Schema } }[] };
}

const older = { GatewayConfig: gatewayConfigV1alpha1Schema, Dataplane: dataplaneV1alpha1Schema, StaticService: staticServiceV1alpha1Schema };

function schemaFor(apiVersion: string, kind: string): { safeParse(value: unknown): { success: boolean; data?: unknown; error?: unknown } } {
  const schema = apiVersion === "stunner.l7mp.io/v1alpha1" ? older[kind as keyof typeof older] : kindOf({ apiVersion, kind })?.schema;
  if (!schema) throw new Error(`no schema for ${kind} of ${apiVersion}`);
  return schema;
}

const metadata = fc.record({
  name: fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?$/),
  labels: fc.dictionary(fc.constantFrom("app", "stunner.l7mp.io/owned-by"), fc.constantFrom("", "a", "A.b_c-1")),
  "x-unknown": fc.jsonValue(),
});

const cases: [string, string, string][] = [
  ["stunner.l7mp.io_gatewayconfigs", "v1", "v1"],
  ["stunner.l7mp.io_gatewayconfigs", "v1alpha1", "v1alpha1"],
  ["stunner.l7mp.io_dataplanes", "v1", "v1"],
  ["stunner.l7mp.io_dataplanes", "v1alpha1", "v1alpha1"],
  ["stunner.l7mp.io_staticservices", "v1", "v1"],
  ["stunner.l7mp.io_staticservices", "v1alpha1", "v1alpha1"],
  ["stunner.l7mp.io_udproutes", "v1", "v1"],
  ["gateway.networking.k8s.io_gatewayclasses_v1.0.0", "v1", "v1"],
  ["gateway.networking.k8s.io_gatewayclasses_v1.6.1", "v1beta1", "v1"],
  ["gateway.networking.k8s.io_gateways_v1.0.0", "v1", "v1"],
  ["gateway.networking.k8s.io_gateways_v1.6.1", "v1", "v1"],
  ["gateway.networking.k8s.io_referencegrants_v1.0.0", "v1beta1", "v1beta1"],
  ["gateway.networking.k8s.io_referencegrants_v1.6.1", "v1", "v1"],
  ["gateway.networking.k8s.io_udproutes_v1.0.0", "v1alpha2", "v1alpha2"],
  ["gateway.networking.k8s.io_udproutes_v1.6.1", "v1", "v1"],
];

const firstReason = (reason: string): unknown => ({
  conditions: [{ lastTransitionTime: "1970-01-01T00:00:00Z", message: "Waiting for controller", reason, status: "Unknown", type: "Accepted" }],
});

/** Statuses that a new object gets otherwise than with us. */
const otherStatuses: Readonly<Record<string, { readonly theirs: unknown; readonly ours: unknown }>> = {
  // There this one default says Waiting, and Pending in the field below it and in all later bundles: ours is the later one. A
  // real API server takes its own; ours is for manifests on a disk. Source: the file's status.default and that of v1.6.1.
  "gateway.networking.k8s.io_gatewayclasses_v1.0.0": { theirs: firstReason("Waiting"), ours: firstReason("Pending") },
};

const crdIn = (file: string): Crd => parse(readFileSync(join(import.meta.dirname, `../crds/${file}.yaml`), "utf8")) as Crd;

test.each(Object.entries(otherStatuses))("the first status in %s.yaml is another one than ours", (file, { theirs }) => {
  const defaults = crdIn(file).spec.versions.map(({ schema }) => schema.openAPIV3Schema.properties?.["status"]?.default);
  expect(new Set(defaults.map((one) => JSON.stringify(one)))).toEqual(new Set([JSON.stringify(theirs)]));
});

describe.each(cases)("what %s.yaml accepts at %s", (file, version, ours) => {
  const { group, names, versions } = crdIn(file).spec;
  const structure = versions.find(({ name }) => name === version)?.schema.openAPIV3Schema ?? {};
  const { apiVersion: _, kind: __, metadata: ___, ...properties } = structure.properties ?? {};
  const apiVersion = `${group}/${ours}`;
  const objects = fc.tuple(valuesOf({ ...structure, properties }), metadata).map(([own, meta]) => {
    const object = { apiVersion, kind: names.kind, metadata: meta, ...(own as object) };
    if (names.kind === "Gateway") repairGateway(object as never);
    if (names.kind === "UDPRoute" && group !== "stunner.l7mp.io") repairRoute(object as never);
    return object;
  });

  const other = otherStatuses[file];
  const status = { ...structure.properties?.["status"], ...(other ? { default: other.ours } : {}) };
  const expected = other ? { ...structure, properties: { ...structure.properties, status } } : structure;
  test(`our schema accepts, gives the same defaults, and leaves the rest untouched`, () => {
    const schema = schemaFor(apiVersion, names.kind);
    holds([objects], (object) => {
      const parsed = schema.safeParse(object);
      expect(parsed.error).toBeUndefined();
      expect(parsed.data).toEqual(withDefaults(object, expected));
    });
  }, PROPERTY_TIMEOUT);
});
