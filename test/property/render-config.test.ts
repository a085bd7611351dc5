import { describe, expect, it } from "vitest";
import { render } from "../../shared/render/render.ts";
import { serializeConfig } from "../../shared/resources/stunnerd-config.ts";
import { anyCase } from "../support/arbitraries/case.ts";
import type { Case } from "../support/arbitraries/case.ts";
import { childOf, isObject, listOf, toJson, toJsonObject, type JsonObject } from "../support/json.ts";
import { holds, PROPERTY_TIMEOUT } from "../support/property.ts";
import { readAsStunnerd } from "../support/stunnerd-reading.ts";
import { flawsOfConfig } from "../support/stunnerd-schema.ts";

const POD_ADDRESS = "10.7.7.7";
/** Variables of the pod; the second would break the text if it were expanded. */
const ENVIRONMENT = { STUNNER_ADDR: POD_ADDRESS, FOO: '"', HOME: "/root" };

describe("every rendered configuration is one that stunnerd takes and handles well", () => {
  it(
    "as an object that is named after its Gateway, and as text that survives stunnerd's expansion of variables",
    () => {
      holds([anyCase], (one) => {
        for (const [key, { config }] of render(one.state, one.options).configs) {
          expect(config.admin.name).toBe(key);
          expect(flawsOfConfig(toJson(config), one.options)).toEqual([]);
          const text = serializeConfig(config);
          expect(text.replaceAll('"$STUNNER_ADDR"', "")).not.toContain("$");
          expect(readAsStunnerd(text, ENVIRONMENT)).toEqual(withAddress(toJsonObject(config)));
        }
      });
    },
    PROPERTY_TIMEOUT,
  );

  it(
    "as the ConfigMap of legacy mode",
    () => {
      holds([anyCase], (one) => {
        for (const text of legacyTexts(one)) {
          const config = toJsonObject(JSON.parse(text));
          expect(flawsOfConfig(config, one.options)).toEqual([]);
          expect(readAsStunnerd(text, ENVIRONMENT)).toEqual(withAddress(config));
        }
      });
    },
    PROPERTY_TIMEOUT,
  );
});

function legacyTexts({ state, options }: Case): string[] {
  return render(state, { ...options, mode: "legacy" })
    .objects.filter((object) => object.kind === "ConfigMap")
    .map((object) => String(childOf(toJsonObject(object), "data")["stunnerd.conf"]))
    .filter((text) => text !== "");
}

function withAddress(config: JsonObject): JsonObject {
  for (const listener of listOf(config, "listeners").filter(isObject)) {
    if (listener["address"] === "$STUNNER_ADDR") listener["address"] = POD_ADDRESS;
  }
  return config;
}
