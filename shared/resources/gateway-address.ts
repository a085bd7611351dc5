import * as z from "zod/mini";
import { isIP } from "node:net";
import { text, withDefault } from "./fields.ts";
import { dnsSubdomain, hostnamePattern } from "./names.ts";

const TYPE = `^Hostname|IPAddress|NamedAddress|${dnsSubdomain}\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+$`;
const HOSTNAME = new RegExp(hostnamePattern);

/** An address of a Gateway; an empty or missing value asks for any address of the type. */
export const gatewayAddressSchema = z
  .looseObject({
    type: withDefault(
      text({ minLength: 1, maxLength: 253, pattern: TYPE, words: "IPAddress, Hostname, NamedAddress or domain/path" }),
      "IPAddress",
    ),
    value: z.optional(text({ maxLength: 253 })),
  })
  .check(
    z.refine((address) => address.type !== "IPAddress" || !address.value || isIP(address.value) > 0, {
      error: "must be an IPv4 or IPv6 address when type is IPAddress; a name needs type: Hostname",
      path: ["value"],
    }),
    z.refine((address) => address.type !== "Hostname" || !address.value || HOSTNAME.test(address.value), {
      error: "must be a DNS name, whose first label may be *, when type is Hostname",
      path: ["value"],
    }),
  );
export type GatewayAddress = z.input<typeof gatewayAddressSchema>;
