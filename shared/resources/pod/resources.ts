import * as z from "zod/mini";
import { doc } from "../crd-metadata.ts";
import { list } from "../fields.ts";
import { quantities } from "./quantity.ts";

/** Resources of a container. */
export const resourcesSchema = z.looseObject({
  claims: doc(
    "Resource claims of the pod that the container uses.",
    z.optional(
      list(
        z.looseObject({
          name: doc("Name of the claim.", z.string()),
          request: doc("Request within the claim.", z.optional(z.string())),
        }),
        { type: "map", keys: ["name"] },
      ),
    ),
  ),
  limits: doc("Most that the container may use.", z.optional(quantities)),
  requests: doc("What is reserved for the container.", z.optional(quantities)),
});
