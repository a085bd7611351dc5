import type { JsonObject } from "../support/json.ts";

/** What tells an object: enough for a path. */
export interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}

/** An object to be written. */
export interface Manifest extends Reference {
  readonly metadata: Reference["metadata"] & { readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** An object as the API server has it. */
export type Resource = JsonObject & {
  apiVersion: string;
  kind: string;
  metadata: JsonObject & { name: string; uid: string; resourceVersion: string };
};

/** A reference in one line: `reference("apps/v1", "Deployment", "x", "default")`. */
export function reference(apiVersion: string, kind: string, name: string, namespace?: string): Manifest {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

/** The reference of a live object, without the rest of it. */
export function referenceTo({ apiVersion, kind, metadata }: Resource): Reference {
  const namespace = metadata["namespace"];
  return reference(apiVersion, kind, metadata.name, typeof namespace === "string" ? namespace : undefined);
}
