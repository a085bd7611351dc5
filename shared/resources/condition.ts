import * as z from "zod/mini";
import { doc } from "./crd-metadata.ts";
import { int64, list, text } from "./fields.ts";
import { dnsSubdomain } from "./names.ts";

/** A condition as an API server stores it; `Condition` of meta.ts is the same before it has a time. */
const storedConditionSchema = z.looseObject({
  type: doc(
    "Kind of the condition, such as Accepted.",
    text({
      maxLength: 316,
      pattern: `^(${dnsSubdomain}/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`,
      words: "a word in CamelCase, optionally after a DNS name and a slash",
    }),
  ),
  status: doc("Whether the condition holds.", z.enum(["True", "False", "Unknown"])),
  reason: doc(
    "One word in CamelCase for programs: why the condition is as it is.",
    text({
      minLength: 1,
      maxLength: 1024,
      pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
      words: "one word of letters, digits and underscores, a letter first",
    }),
  ),
  message: doc("The same for people, with what is accepted where something is wrong.", text({ maxLength: 32768 })),
  observedGeneration: doc("Generation of the object that was looked at.", z.optional(int64(0))),
  lastTransitionTime: doc("When the status of the condition last changed, RFC 3339.", dateTime()),
});

function dateTime(): z.ZodMiniString<string> {
  return text({ format: "date-time" });
}

/** A list of conditions, one per type. */
export function conditions(min?: number): z.ZodMiniArray<typeof storedConditionSchema> {
  return list(storedConditionSchema, { max: 8, type: "map", keys: ["type"], ...(min === undefined ? {} : { min }) });
}
