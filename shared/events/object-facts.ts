import * as z from "zod/mini";
import type { Change, Labels } from "./change.ts";
import type { KnownKind } from "./known-kinds.ts";

/** A field of an unexpected type is as good as absent: an event is a hint. */
function lenient<T extends z.ZodMiniType>(schema: T) {
  return z.optional(z.pipe(z.unknown(), z.transform((value) => schema.safeParse(value).data)));
}

const nodeAddresses = z.array(z.object({ type: lenient(z.string()), address: lenient(z.string()) }));

const objectSchema = z.looseObject({
  metadata: z.looseObject({
    name: lenient(z.string()),
    namespace: lenient(z.string()),
    uid: lenient(z.string()),
    generation: lenient(z.number()),
    resourceVersion: lenient(z.string()),
    deletionTimestamp: lenient(z.string()),
    labels: lenient(z.record(z.string(), z.string())),
    annotations: lenient(z.record(z.string(), z.string())),
  }),
  spec: lenient(z.object({ gatewayClassName: lenient(z.string()), controllerName: lenient(z.string()) })),
  status: lenient(z.object({ addresses: lenient(nodeAddresses) })),
});

/** What events tell of an object, as far as it is used here. */
export interface ObjectFacts {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly resourceVersion: string | undefined;
  readonly isBeingDeleted: boolean;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** `spec.gatewayClassName`. */
  readonly className: string | undefined;
  /** `spec.controllerName`. */
  readonly controller: string | undefined;
  /** `status.addresses` as JSON. */
  readonly addresses: string;
}

/** Reads an object; undefined where it is none. */
export function factsOf(object: unknown): ObjectFacts | undefined {
  const { success, data } = objectSchema.safeParse(object);
  if (!success) return undefined;
  const { metadata, spec, status } = data;
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    generation: metadata.generation,
    resourceVersion: metadata.resourceVersion,
    isBeingDeleted: metadata.deletionTimestamp !== undefined,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    className: spec?.gatewayClassName,
    controller: spec?.controllerName,
    addresses: JSON.stringify((status?.addresses ?? []).map(({ type, address }) => [type, address])),
  };
}

type Told = Pick<Change, "labels" | "classes" | "controllers" | "addresses">;

/**
 * What relevance asks for, of the object before and after the write, as far as the event holds them.
 * @param whole false: the objects have nothing but metadata
 */
export function toldBy({ kind }: KnownKind, states: readonly ObjectFacts[], whole = true): Told {
  if (states.length === 0) return {};
  const labels = states.map((one) => one.labels);
  if (!whole) return { labels };
  if (kind === "Gateway") return { labels, classes: states.map(({ className }) => className ?? "") };
  if (kind === "GatewayClass") return { labels, controllers: states.map(({ controller }) => controller ?? "") };
  if (kind === "Node") return { labels, addresses: states.map(({ addresses }) => addresses) };
  return { labels };
}

/** The identity and version of an object, without what is not told. */
export function versionOf(facts: ObjectFacts | undefined): Pick<Change, "uid" | "generation" | "resourceVersion"> {
  return {
    ...(facts?.uid ? { uid: facts.uid } : {}),
    ...(facts?.generation === undefined ? {} : { generation: facts.generation }),
    ...(facts?.resourceVersion ? { resourceVersion: facts.resourceVersion } : {}),
  };
}
