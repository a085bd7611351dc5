import * as z from "zod/mini";
import { GATEWAY_GROUP } from "./constants.ts";
import { list, text, textMap, withDefault } from "./fields.ts";
import { dnsSubdomain, groupName, hostname, kindName, portNumber, sectionName } from "./names.ts";
import { secretReferenceSchema } from "./references.ts";
import { labelSelectorSchema } from "./selector.ts";

export const routeGroupKindSchema = z.looseObject({
  group: withDefault(groupName, GATEWAY_GROUP),
  kind: kindName,
});
export type RouteGroupKind = z.input<typeof routeGroupKindSchema>;

const routeNamespacesSchema = z.looseObject({
  from: withDefault(z.enum(["All", "Selector", "Same"]), "Same"),
  selector: z.optional(labelSelectorSchema),
});

const allowedRoutesSchema = z.looseObject({
  kinds: z.optional(list(routeGroupKindSchema, { max: 8, type: "atomic" })),
  namespaces: withDefault(routeNamespacesSchema, { from: "Same" }),
});
export type AllowedRoutes = z.input<typeof allowedRoutesSchema>;

/** Which ListenerSets may attach (Gateway API 1.6): there are none here. */
export const allowedListenersSchema = z.looseObject({
  namespaces: withDefault(
    z.looseObject({
      from: withDefault(z.enum(["All", "Selector", "Same", "None"]), "None"),
      selector: z.optional(labelSelectorSchema),
    }),
    { from: "None" },
  ),
});

const listenerTlsSchema = z
  .looseObject({
    mode: withDefault(z.enum(["Terminate", "Passthrough"]), "Terminate"),
    certificateRefs: z.optional(list(secretReferenceSchema, { max: 64, type: "atomic" })),
    options: z.optional(textMap(text({ maxLength: 4096 }), 16)),
  })
  .check(
    z.refine(
      (tls) => tls.mode !== "Terminate" || (tls.certificateRefs?.length ?? 0) > 0 || Object.keys(tls.options ?? {}).length > 0,
      { error: "must not be empty when mode is Terminate: name a Secret of type kubernetes.io/tls", path: ["certificateRefs"] },
    ),
  );
export type ListenerTLS = z.input<typeof listenerTlsSchema>;

// Ungrouped alternatives, as Gateway API has them: the second one is not anchored at its start.
const PROTOCOL = `^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|${dnsSubdomain}\\/[A-Za-z0-9]+$`;

/** A listener of a Gateway (spec/resources.md 7.6). Which protocols are supported is for the renderer to say. */
export const listenerSchema = z.looseObject({
  name: sectionName,
  hostname: z.optional(hostname),
  port: portNumber,
  protocol: text({
    minLength: 1,
    maxLength: 255,
    pattern: PROTOCOL,
    words: "a protocol such as TURN-UDP: one word of letters, digits and dashes, or domain/word",
  }),
  tls: z.optional(listenerTlsSchema),
  allowedRoutes: withDefault(allowedRoutesSchema, { namespaces: { from: "Same" } }),
});
export type Listener = z.input<typeof listenerSchema>;
