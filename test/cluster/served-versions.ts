import { dataplaneV1alpha1Schema } from "../../shared/resources/dataplane.ts";
import { gatewayConfigV1alpha1Schema } from "../../shared/resources/gateway-config.ts";
import { kindOf } from "../../shared/resources/kinds.ts";
import { staticServiceV1alpha1Schema } from "../../shared/resources/static-service.ts";
import type { Schema } from "../property/crd-values.ts";
import { childOf, isObject, listOf, textOf } from "../support/json.ts";
import type { CustomResourceDefinition } from "./crds.ts";
import type { Manifest } from "./resource.ts";

const V1ALPHA1 = {
  GatewayConfig: gatewayConfigV1alpha1Schema,
  Dataplane: dataplaneV1alpha1Schema,
  StaticService: staticServiceV1alpha1Schema,
};

/** One version of a CRD, and how the project reads its objects. */
export interface ServedVersion {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly structure: Schema;
  /** What the project's schema makes of an object: the data with defaults, or what is wrong. */
  read(object: Manifest): { readonly data?: unknown; readonly issues?: string };
}

type Reader = (value: unknown) => { success: boolean; data?: unknown; error?: { issues: unknown } | undefined };

/** Every version that is served. */
export function servedVersions(crds: readonly CustomResourceDefinition[]): ServedVersion[] {
  return crds.flatMap((crd) => {
    const spec = childOf(crd, "spec");
    const [group, kind] = [textOf(spec, "group"), textOf(childOf(spec, "names"), "kind")];
    const served = listOf(spec, "versions").filter(isObject).filter((version) => version["served"] === true);
    return served.map((version) => ({
      apiVersion: `${group}/${textOf(version, "name")}`,
      kind,
      namespaced: textOf(spec, "scope") === "Namespaced",
      structure: childOf(childOf(version, "schema"), "openAPIV3Schema") as Schema,
      read: (object: Manifest) => readBy(readerOf(object), object),
    }));
  });
}

function readBy(reader: Reader, object: Manifest): { data?: unknown; issues?: string } {
  const { success, data, error } = reader(object);
  return success ? { data } : { issues: JSON.stringify(error?.issues) };
}

/** Older versions of a kind whose schema is the same are read as the newest. */
function readerOf({ apiVersion, kind }: Manifest): Reader {
  if (apiVersion === "stunner.l7mp.io/v1alpha1") return (value) => V1ALPHA1[kind as keyof typeof V1ALPHA1].safeParse(value);
  const info = kindOf({ apiVersion, kind });
  if (!info) throw new Error(`no schema for ${kind} of ${apiVersion}`);
  const asNewest = kind === "Gateway" || kind === "GatewayClass";
  return (value) => info.schema.safeParse(asNewest ? { ...(value as object), apiVersion: info.apiVersion } : value);
}
