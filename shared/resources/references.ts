import * as z from "zod/mini";
import { GATEWAY_GROUP } from "./constants.ts";
import { doc } from "./crd-metadata.ts";
import { withDefault } from "./fields.ts";
import { groupName, kindName, namespaceName, portNumber, referenceName, sectionName } from "./names.ts";

/** Reference to a Secret, or to what takes its place; another namespace is allowed. */
export const secretReferenceSchema = z.looseObject({
  group: doc("API group of the object; empty for the core group.", withDefault(groupName, "")),
  kind: doc("Kind of the object.", withDefault(kindName, "Secret")),
  name: doc("Name of the object.", referenceName),
  namespace: doc("Namespace of the object; that of the referring object when left out.", z.optional(namespaceName)),
});
export type SecretReference = z.input<typeof secretReferenceSchema>;

/** Reference from a route to a Gateway. */
export const parentRefSchema = z.looseObject({
  group: doc("API group of the parent.", withDefault(groupName, GATEWAY_GROUP)),
  kind: doc("Kind of the parent.", withDefault(kindName, "Gateway")),
  name: doc("Name of the parent.", referenceName),
  namespace: doc("Namespace of the parent; that of the route when left out.", z.optional(namespaceName)),
  port: doc("Only listeners on this port; all when left out.", z.optional(portNumber)),
  sectionName: doc("Only the listener of this name; all when left out.", z.optional(sectionName)),
});
export type ParentRef = z.input<typeof parentRefSchema>;

/** Reference to a list of parameters: group and kind have no default. */
export const localParametersReferenceSchema = z.looseObject({
  group: groupName,
  kind: kindName,
  name: referenceName,
});

/** The same with a namespace. */
export const parametersReferenceSchema = z.looseObject({
  group: groupName,
  kind: kindName,
  name: referenceName,
  namespace: z.optional(namespaceName),
});
