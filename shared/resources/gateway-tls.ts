import * as z from "zod/mini";
import { list, withDefault } from "./fields.ts";
import { groupName, kindName, namespaceName, portNumber, referenceName } from "./names.ts";
import { secretReferenceSchema } from "./references.ts";

/** TLS of a Gateway as a whole (Gateway API 1.6): without effect on TURN listeners, and taken as the API server takes it. */
const caReferenceSchema = z.looseObject({
  group: groupName,
  kind: kindName,
  name: referenceName,
  namespace: z.optional(namespaceName),
});

const frontendTlsSchema = z.looseObject({
  validation: z.optional(
    z.looseObject({
      caCertificateRefs: list(caReferenceSchema, { min: 1, max: 16, type: "atomic" }),
      mode: withDefault(z.enum(["AllowValidOnly", "AllowInsecureFallback"]), "AllowValidOnly"),
    }),
  ),
});

const frontendPortSchema = z.looseObject({ port: portNumber, tls: frontendTlsSchema });

export const gatewayTlsSchema = z.looseObject({
  backend: z.optional(z.looseObject({ clientCertificateRef: z.optional(secretReferenceSchema) })),
  frontend: z.optional(
    z.looseObject({
      default: frontendTlsSchema,
      perPort: z.optional(list(frontendPortSchema, { max: 64, type: "map", keys: ["port"] })),
    }),
  ),
});
