import { kindOf, type KindInfo } from "../resources/kinds.ts";

export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** `/apis/group/version` or `/api/v1`. */
export function versionPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Path of a collection: of all namespaces, or of one. */
export function collectionPath({ plural }: Pick<KindInfo, "plural">, apiVersion: string, namespace?: string): string {
  const inside = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${versionPath(apiVersion)}${inside}/${plural}`;
}

/** Path of an object, or of a subresource of it. @throws {TypeError} the kind is none of KINDS: a mistake in the caller */
export function objectPath(ref: ObjectRef, subresource?: "status"): string {
  const info = kindOf(ref);
  if (!info) throw new TypeError(`no path for kind ${ref.kind} of ${ref.apiVersion}`);
  const collection = collectionPath(info, ref.apiVersion, info.namespaced ? ref.namespace : undefined);
  return `${collection}/${encodeURIComponent(ref.name)}${subresource ? `/${subresource}` : ""}`;
}
