import * as z from "zod/mini";
import { DEFAULT_DATAPLANE, DEFAULT_REALM } from "./constants.ts";
import { doc } from "./crd-metadata.ts";
import { int, int32, text, textMap, withDefault } from "./fields.ts";
import { objectMetaSchema } from "./meta.ts";
import { dnsSubdomain } from "./names.ts";
import { secretReferenceSchema } from "./references.ts";

// Not grouped, so that the anchors bind the first and the last word only: that is what is installed everywhere.
const AUTH_TYPE = "^plaintext|static|longterm|ephemeral|timewindowed$";
const AUTH_TYPE_WORDS = "one of static, ephemeral, or their aliases plaintext, longterm and timewindowed";

function credential(): z.ZodMiniString<string> {
  return text({
    pattern: String.raw`^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$`,
    words: "letters, digits and any of ! # $ % & ' * + - . ^ _ ` | ~",
  });
}

const sharedShape = {
  dataplane: doc("Name of the Dataplane for the Gateways of this class.", withDefault(z.string(), DEFAULT_DATAPLANE)),
  realm: doc(
    "Authentication realm of the TURN servers.",
    withDefault(text({ pattern: `^${dnsSubdomain}$`, words: "a lower-case DNS name" }), DEFAULT_REALM),
  ),
  authType: doc(
    "How clients authenticate: static (plaintext) by userName and password, or ephemeral (timewindowed, longterm) by sharedSecret.",
    withDefault(text({ pattern: AUTH_TYPE, words: AUTH_TYPE_WORDS }), "plaintext"),
    { rules: [{ rule: `self.matches('${AUTH_TYPE}')`, message: `must be ${AUTH_TYPE_WORDS}` }] },
  ),
  userName: doc("User name for static authentication.", z.optional(credential())),
  password: doc("Password for static authentication.", z.optional(credential())),
  sharedSecret: doc("Secret from which ephemeral credentials are made.", z.optional(z.string())),
  authLifetime: doc("Without effect.", z.optional(int32())),
  authRef: doc("Secret that holds the credentials; wins over the fields above.", z.optional(secretReferenceSchema)),
  loadBalancerServiceAnnotations: doc("Annotations for the Gateways' Services; a Gateway's own wins.", z.optional(textMap())),
  logLevel: doc("Log level of stunnerd, such as all:INFO or turn:DEBUG.", z.optional(z.string())),
};

const gatewayConfigSpecSchema = z.looseObject({
  ...sharedShape,
  userQuota: doc("Allocations that one user may hold; without effect here.", z.optional(int())),
  stunMode: doc("Whether to serve STUN only; without effect here.", z.optional(z.boolean())),
});
export type GatewayConfigSpec = z.input<typeof gatewayConfigSpecSchema>;

const specDescription = "Settings that the Gateways of one class share.";

/** GatewayConfig of `stunner.l7mp.io/v1`. */
export const gatewayConfigSchema = z.looseObject({
  apiVersion: z.literal("stunner.l7mp.io/v1"),
  kind: z.literal("GatewayConfig"),
  metadata: objectMetaSchema,
  spec: doc(specDescription, z.optional(gatewayConfigSpecSchema)),
});
export type GatewayConfig = z.input<typeof gatewayConfigSchema>;

/** GatewayConfig of `stunner.l7mp.io/v1alpha1`: served, but what v1 has not is lost when it is stored. */
export const gatewayConfigV1alpha1Schema = z.looseObject({
  apiVersion: z.literal("stunner.l7mp.io/v1alpha1"),
  kind: z.literal("GatewayConfig"),
  metadata: objectMetaSchema,
  spec: doc(
    specDescription,
    z.optional(
      z.looseObject({
        ...sharedShape,
        stunnerConfig: doc(
          "Not kept; the name of the ConfigMap is fixed.",
          withDefault(
            text({ maxLength: 64, pattern: "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$", words: "letters, digits and dashes, a letter first" }),
            "stunnerd-config",
          ),
        ),
        minPort: doc("Not kept.", z.optional(int32())),
        maxPort: doc("Not kept.", z.optional(int32())),
        metricsEndpoint: doc("Not kept; see enableMetricsEndpoint of the Dataplane.", z.optional(z.string())),
        healthCheckEndpoint: doc("Not kept; see disableHealthCheck of the Dataplane.", z.optional(z.string())),
      }),
    ),
  ),
});
