import { childOf, isObject, toJson, type Json, type JsonObject } from "./json.ts";

/**
 * Reads a configuration as stunnerd does (spec/stunnerd.md 2.1, 2.3): parse, save the credentials, expand environment
 * variables in the whole text, parse again, put the credentials back. Throws where stunnerd rejects the text.
 */
export function readAsStunnerd(text: string, environment: Readonly<Record<string, string>>): JsonObject {
  const credentials = childOf(childOf(toObject(JSON.parse(text)), "auth"), "credentials");
  const expanded = toObject(JSON.parse(expand(text, environment)));
  if (isObject(expanded["auth"])) expanded["auth"]["credentials"] = credentials;
  return expanded;
}

/**
 * Replaces `$NAME` and `${NAME}` as Go's os.Expand does: unset is empty, a digit or a sign is a name by itself, an
 * open `${` without its end goes, a lone `$` stays.
 */
function expand(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{([^}]*)\}|\{|([0-9*#$@!?-]|[A-Za-z_]\w*))?/g, (match: string, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return match === "$" ? match : "";
    return Object.hasOwn(environment, name) ? (environment[name] ?? "") : "";
  });
}

function toObject(value: unknown): JsonObject {
  const json: Json = toJson(value);
  if (!isObject(json)) throw new TypeError("could not parse config");
  return json;
}
