import * as fc from "fast-check";
import type { JsonObject } from "../json.ts";

/** Small pools, so that references often hit; `constructor` is a valid name that a careless lookup trips over. */
export const NAMESPACES = ["media", "stunner", "constructor"] as const;
export const GATEWAYS = ["gw", "edge", "constructor"] as const;
export const CLASSES = ["ours", "spare", "foreign"] as const;
export const SERVICES = ["sfu", "echo", "peer"] as const;
export const SECRETS = ["auth", "cert", "other"] as const;
export const LISTENERS = ["udp", "tcp", "tls", "constructor", "gateway-health-check", "a.b"] as const;
export const LABELS = ["team", "app", "app.kubernetes.io/managed-by", "argocd.argoproj.io/instance"] as const;

export const CONTROLLERS = ["stunner.l7mp.io/gateway-operator", "example.org/turn", "other.example/gateway"] as const;

/** Stands in every password, shared secret and Secret value: it must never come out in a status or problem. */
export const SECRET_MARK = "hunter2";

/** Each of the values is as frequent as the others. */
export const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
/** The first value is by far the most frequent: most references ought to hit, and most values to be good ones. */
export const mostly = <T>(first: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 2 + 2 * others.length, arbitrary: fc.constant(first) },
    ...others.map((value) => ({ weight: 1, arbitrary: fc.constant(value) })),
  );
export const namespace = mostly(...NAMESPACES);
export const gatewayName = mostly(...GATEWAYS);

/** A value that an optional key has one time in four; `undefined` takes the key away again. */
export const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

/** An object whose optional keys are there or not. */
export function some(
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<JsonObject> {
  const model = { ...required, ...optional };
  return fc
    .record(model, { requiredKeys: Object.keys(required) })
    .map((object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as JsonObject);
}

export const list = <T>(item: fc.Arbitrary<T>, maxLength: number, minLength = 0): fc.Arbitrary<T[]> =>
  fc.array(item, { minLength, maxLength });

/** A map with a few of the keys. */
export const mapOf = (keys: readonly string[], value: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> =>
  some({}, Object.fromEntries(keys.map((key) => [key, value])));

export const labels = mapOf(LABELS, pick("media", "stunner", "infra", ""));

/** Metadata with a UID that follows from the name, so that owner references can hit it. */
export function metadata(
  kind: string,
  name: fc.Arbitrary<string>,
  more: {
    readonly cluster?: boolean;
    readonly annotations?: fc.Arbitrary<JsonObject>;
    readonly optional?: Record<string, fc.Arbitrary<unknown>>;
  } = {},
): fc.Arbitrary<JsonObject> {
  const base = { name, ...(more.cluster ? {} : { namespace }) };
  return some(base, {
    generation: fc.integer({ min: 1, max: 3 }),
    labels,
    annotations: more.annotations ?? mapOf(["example.com/note", "kubectl.kubernetes.io/last-applied-configuration"], pick("x", "y")),
    creationTimestamp: pick("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
    // Manifests on a disk have no UID.
    uid: mostly<string | undefined>("", undefined),
    ...more.optional,
  }).map(({ uid, ...meta }) => {
    const named = uidOf(kind, String(meta["namespace"] ?? ""), String(meta["name"]));
    return uid === undefined ? meta : { ...meta, uid: named };
  });
}

export const uidOf = (kind: string, space: string, name: string): string => `uid-${kind}-${space}-${name}`;

/** Base64 of a text, as Secrets hold it. */
export const base64 = (text: string): string => Buffer.from(text).toString("base64");
