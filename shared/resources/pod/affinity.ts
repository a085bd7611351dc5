import * as z from "zod/mini";
import { doc } from "../crd-metadata.ts";
import { int32, list } from "../fields.ts";
import { labelSelectorSchema } from "../selector.ts";

const atomic = { type: "atomic" } as const;

const nodeRequirementSchema = z.looseObject({
  key: doc("Label or field of the node.", z.string()),
  operator: doc("In, NotIn, Exists, DoesNotExist, Gt or Lt.", z.string()),
  values: doc("Values to compare with.", z.optional(list(z.string(), atomic))),
});

const nodeSelectorTermSchema = doc(
  "A set of requirements that must all hold.",
  z.looseObject({
    matchExpressions: doc("Requirements on labels of the node.", z.optional(list(nodeRequirementSchema, atomic))),
    matchFields: doc("Requirements on fields of the node.", z.optional(list(nodeRequirementSchema, atomic))),
  }),
  { mapType: "atomic" },
);

const nodeAffinitySchema = z.looseObject({
  preferredDuringSchedulingIgnoredDuringExecution: doc(
    "Nodes that are preferred, by weight.",
    z.optional(
      list(
        z.looseObject({
          preference: doc("What a preferred node is like.", nodeSelectorTermSchema),
          weight: doc("Weight from 1 to 100.", int32()),
        }),
        atomic,
      ),
    ),
  ),
  requiredDuringSchedulingIgnoredDuringExecution: doc(
    "Nodes that alone may be used.",
    z.optional(
      z.looseObject({
        nodeSelectorTerms: doc("Terms of which one must hold.", list(nodeSelectorTermSchema, atomic)),
      }),
    ),
    { mapType: "atomic" },
  ),
});

const podAffinityTermSchema = z.looseObject({
  labelSelector: doc("Pods that are meant.", z.optional(labelSelectorSchema)),
  matchLabelKeys: doc("Label keys whose values are taken from the pod and must be equal.", z.optional(list(z.string(), atomic))),
  mismatchLabelKeys: doc("Label keys whose values are taken from the pod and must differ.", z.optional(list(z.string(), atomic))),
  namespaceSelector: doc("Namespaces of these pods, by label.", z.optional(labelSelectorSchema)),
  namespaces: doc("Namespaces of these pods, by name.", z.optional(list(z.string(), atomic))),
  topologyKey: doc("Node label whose value makes nodes count as the same place.", z.string()),
});

const podAffinitySchema = z.looseObject({
  preferredDuringSchedulingIgnoredDuringExecution: doc(
    "Terms that are preferred, by weight.",
    z.optional(
      list(
        z.looseObject({
          podAffinityTerm: doc("The term.", podAffinityTermSchema),
          weight: doc("Weight from 1 to 100.", int32()),
        }),
        atomic,
      ),
    ),
  ),
  requiredDuringSchedulingIgnoredDuringExecution: doc(
    "Terms that must hold.",
    z.optional(list(podAffinityTermSchema, atomic)),
  ),
});

/** Affinity of a pod. */
export const affinitySchema = z.looseObject({
  nodeAffinity: doc("Which nodes to use.", z.optional(nodeAffinitySchema)),
  podAffinity: doc("Which pods to be near to.", z.optional(podAffinitySchema)),
  podAntiAffinity: doc("Which pods to stay away from.", z.optional(podAffinitySchema)),
});
