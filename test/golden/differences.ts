import { isObject, type Json } from "../support/json.ts";
import { byText } from "./normalise.ts";
import { pythonJson } from "./python-json.ts";

/** Every difference between two comparable outcomes, one line each, as the live comparison prints it. */
export function differences(want: Json, got: Json, at = ""): string[] {
  if (isObject(want) && isObject(got)) {
    const keys = [...new Set([...Object.keys(want), ...Object.keys(got)])].toSorted(byText);
    return keys.flatMap((key) => {
      const here = at ? `${at}.${key}` : key;
      const [wanted, gotten] = [want[key], got[key]];
      if (wanted === undefined) {
        return gotten === undefined || at.endsWith(".conditions") ? [] : [`${here}: unexpected ${short(gotten)}`];
      }
      return gotten === undefined ? [`${here}: missing, want ${short(wanted)}`] : differences(wanted, gotten, here);
    });
  }
  if (Array.isArray(want) && Array.isArray(got) && want.length === got.length) {
    return want.flatMap((item, index) => differences(item, got[index] ?? null, `${at}[${index}]`));
  }
  return want === got ? [] : [`${at}: want ${short(want)}, got ${short(got)}`];
}

const short = (value: Json): string => pythonJson(value).slice(0, 160);
