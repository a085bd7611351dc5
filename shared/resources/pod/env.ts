import * as z from "zod/mini";
import { doc } from "../crd-metadata.ts";
import { withDefault } from "../fields.ts";
import { quantity } from "./quantity.ts";

const atomic = { mapType: "atomic" } as const;
const optional = doc("Whether it may be absent.", z.optional(z.boolean()));

/** Reference to an object of the same namespace. */
export const localReference = {
  name: doc("Name of the object.", withDefault(z.string(), "")),
};

const keyReferenceSchema = z.looseObject({ ...localReference, key: doc("Key within the object.", z.string()), optional });

const valueFromSchema = z.looseObject({
  configMapKeyRef: doc("A key of a ConfigMap.", z.optional(keyReferenceSchema), atomic),
  fieldRef: doc(
    "A field of the pod.",
    z.optional(
      z.looseObject({
        apiVersion: doc("Version in which the path is written.", z.optional(z.string())),
        fieldPath: doc("Path of the field.", z.string()),
      }),
    ),
    atomic,
  ),
  fileKeyRef: doc(
    "A key of a file with variables.",
    z.optional(
      z.looseObject({
        key: doc("Key within the file.", z.string()),
        optional: doc("Whether it may be absent.", withDefault(z.boolean(), false)),
        path: doc("Path of the file within the volume.", z.string()),
        volumeName: doc("Volume that holds the file.", z.string()),
      }),
    ),
    atomic,
  ),
  resourceFieldRef: doc(
    "A resource of a container.",
    z.optional(
      z.looseObject({
        containerName: doc("Name of the container.", z.optional(z.string())),
        divisor: doc("Unit in which the amount is told.", z.optional(quantity)),
        resource: doc("Resource, such as limits.cpu.", z.string()),
      }),
    ),
    atomic,
  ),
  secretKeyRef: doc("A key of a Secret.", z.optional(keyReferenceSchema), atomic),
});

/** One environment variable of a container. */
export const envVarSchema = z.looseObject({
  name: doc("Name of the variable.", z.string()),
  value: doc("Its value.", z.optional(z.string())),
  valueFrom: doc("Where its value comes from.", z.optional(valueFromSchema)),
});
export type EnvVar = z.input<typeof envVarSchema>;

const wholeReferenceSchema = z.looseObject({ ...localReference, optional });

/** A source of many environment variables. */
export const envFromSchema = z.looseObject({
  configMapRef: doc("A ConfigMap, all keys of it.", z.optional(wholeReferenceSchema), atomic),
  prefix: doc("Put before each name.", z.optional(z.string())),
  secretRef: doc("A Secret, all keys of it.", z.optional(wholeReferenceSchema), atomic),
});
