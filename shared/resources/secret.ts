import * as z from "zod/mini";
import { withDefault } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Standard base64; line breaks inside are allowed, as the API server allows them. */
const base64Schema = z.string().check(
  z.refine(
    (value) => BASE64.test(value) || BASE64.test(value.replaceAll(/[\r\n]/g, "")),
    "must be standard base64; plain text belongs in stringData",
  ),
);

/** A core Secret. `data` is base64; `stringData` is plain text that the API server merges into `data`. */
export const secretSchema = z.looseObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Secret"),
  metadata: objectMetaSchema,
  type: withDefault(z.string(), "Opaque"),
  immutable: z.optional(z.boolean()),
  data: z.optional(z.record(z.string(), base64Schema)),
  stringData: z.optional(z.record(z.string(), z.string())),
});
export type Secret = z.input<typeof secretSchema>;
