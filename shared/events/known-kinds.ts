import { groupOf, KINDS } from "../resources/kinds.ts";
import { CRD_GROUP, CRD_KIND } from "./change.ts";

/** A kind whose changes may matter. */
export interface KnownKind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const CRD: KnownKind = { group: CRD_GROUP, kind: CRD_KIND, plural: "customresourcedefinitions", namespaced: false };

/** Everything that a pass reads, and CRDs, which decide what can be read. */
export const KNOWN_KINDS: readonly KnownKind[] = [...KINDS, CRD];

const BY_KIND = new Map(KNOWN_KINDS.map((one) => [`${one.group}/${one.kind}`, one]));
const BY_PLURAL = new Map(KNOWN_KINDS.map((one) => [`${one.group}/${one.plural}`, one]));

/** The kind, or undefined where nothing reads it. */
export function knownKind(group: string, kind: string): KnownKind | undefined {
  return BY_KIND.get(`${group}/${kind}`);
}

/** The same by the name of the resource in the API's paths, such as `endpointslices`. */
export function knownResource(group: string, plural: string): KnownKind | undefined {
  return BY_PLURAL.get(`${group}/${plural}`);
}

/** The same by an object's own words. */
export function knownObject(apiVersion: string, kind: string): KnownKind | undefined {
  return knownKind(groupOf(apiVersion), kind);
}
