import type { Problem } from "../../render/result.ts";
import type { KindInfo } from "../../resources/kinds.ts";
import { type KubeObject, keyOf } from "../../resources/meta.ts";
import { convert, isMapping, type RawObject } from "../directory/convert.ts";

/** An object that is there and that our schema does not understand. */
export interface Unreadable {
  readonly info: KindInfo;
  /** `namespace/name`, or `name`. */
  readonly key: string;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly problem: Problem;
}

export type Read = { readonly problems: readonly Problem[] } & (
  | { readonly object: KubeObject; readonly unreadable?: never }
  | { readonly object?: never; readonly unreadable: Unreadable }
);

/**
 * An object as the schemas of shared/resources know it: of an older version, which an API server may be the only one to
 * serve, it is brought to the one that is read. The argument stays as it is.
 */
export function toObject(info: KindInfo, raw: RawObject): Read {
  const problems: Problem[] = [];
  const object = nameOf(info, raw);
  const converted: RawObject = { ...withoutNulls(raw), ...(isMapping(raw["spec"]) ? { spec: { ...raw["spec"] } } : {}) };
  convert(converted, info, ({ severity, reason, path, message }) => {
    problems.push({ severity: severity === "error" ? "error" : "warning", object, field: path.join("."), reason, message });
  });
  const { success, data, error } = info.schema.safeParse(converted);
  if (success) return { object: data, problems };
  const [issue] = error.issues;
  const message = `cannot be read: ${issue?.message ?? "it is not as expected"}`;
  const problem: Problem = { severity: "error", object, field: issue?.path.join(".") ?? "", reason: "Unreadable", message };
  return { problems, unreadable: { info, key: object.slice(info.kind.length + 1), labels: labelsOf(raw), problem } };
}

/** API servers write empty lists of built-in kinds as null: `endpoints` of an EndpointSlice, `subsets` of Endpoints. */
function withoutNulls(raw: RawObject): RawObject {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null));
}

function nameOf(info: KindInfo, raw: RawObject): string {
  const { name = "", namespace } = (isMapping(raw["metadata"]) ? raw["metadata"] : {}) as { name?: string; namespace?: string };
  return `${info.kind} ${keyOf({ metadata: { name, namespace } })}`;
}

function labelsOf(raw: RawObject): Readonly<Record<string, unknown>> {
  const { labels } = isMapping(raw["metadata"]) ? raw["metadata"] : {};
  return isMapping(labels) ? labels : {};
}
