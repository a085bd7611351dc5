import { isObject, type Json } from "../support/json.ts";

/**
 * JSON as Python's `json.dumps` writes it: a blank after comma and colon, everything outside ASCII escaped. The tool
 * that compares live prints so, and both must accept the same regular expressions.
 */
export function pythonJson(value: Json, sortKeys = false): string {
  if (Array.isArray(value)) return `[${value.map((item) => pythonJson(item, sortKeys)).join(", ")}]`;
  if (isObject(value)) {
    const entries = Object.entries(value);
    if (sortKeys) entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${pythonString(key)}: ${pythonJson(item, sortKeys)}`).join(", ")}}`;
  }
  return typeof value === "string" ? pythonString(value) : JSON.stringify(value);
}

function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
