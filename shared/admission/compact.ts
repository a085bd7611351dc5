import { STUNNER_GROUP } from "../resources/constants.ts";
import type { GatewayConfig } from "../resources/gateway-config.ts";
import type { KubeObject } from "../resources/meta.ts";
import { asJudged } from "./judged.ts";

/** Stands for a value that is set and must not be told. */
const SET = "x";
const CREDENTIALS = ["userName", "password", "sharedSecret"] as const;

/**
 * What judging needs of an object of a judged kind: no status, no annotations of others, and in place of credentials
 * that they are set: what is not there cannot be told by mistake.
 * @param prefixes how many of a StaticService are kept: an object may have a hundred thousand
 */
export function compact(object: KubeObject, prefixes: number): KubeObject {
  const { namespace, name, uid, creationTimestamp, deletionTimestamp, annotations } = object.metadata;
  const own = Object.entries(annotations ?? {}).filter(([key]) => key.startsWith(`${STUNNER_GROUP}/`));
  const metadata = {
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp ? { creationTimestamp } : {}),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(own.length > 0 ? { annotations: Object.fromEntries(own) } : {}),
  };
  const { apiVersion, kind } = object;
  const spec = specOf(object, prefixes);
  return { apiVersion, kind, metadata, ...(spec === undefined ? {} : { spec }) };
}

function specOf(object: KubeObject, prefixes: number): unknown {
  const judged = asJudged(object);
  if (judged?.kind === "GatewayConfig") return judged.spec && withoutCredentials(judged.spec);
  if (judged?.kind === "StaticService") return judged.spec && { ...judged.spec, prefixes: judged.spec.prefixes.slice(0, prefixes) };
  return object["spec"];
}

function withoutCredentials(spec: NonNullable<GatewayConfig["spec"]>): unknown {
  const hidden = CREDENTIALS.filter((field) => typeof spec[field] === "string").map((field) => [field, SET]);
  return { ...spec, ...Object.fromEntries(hidden) };
}
