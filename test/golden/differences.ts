import { isObject, type Json } from "../support/json.ts";
import { byText } from "./normalise.ts";
import { pythonJson } from "./python-json.ts";

/** The longest value that is printed whole, in characters. */
const SHOWN = 160;

export interface Difference {
  /** One line, as the live comparison prints it. */
  readonly text: string;
  /** What there is, where the line shows only the beginning of it. */
  readonly whole?: Json;
}

/** Every difference between two comparable outcomes. */
export function differencesBetween(want: Json, got: Json, at = ""): Difference[] {
  if (isObject(want) && isObject(got)) {
    const keys = [...new Set([...Object.keys(want), ...Object.keys(got)])].toSorted(byText);
    return keys.flatMap((key) => {
      const here = at ? `${at}.${key}` : key;
      const [wanted, gotten] = [want[key], got[key]];
      if (wanted === undefined) {
        return gotten === undefined || at.endsWith(".conditions") ? [] : [difference(`${here}: unexpected `, gotten)];
      }
      return gotten === undefined ? [{ text: `${here}: missing, want ${short(wanted)}` }] : differencesBetween(wanted, gotten, here);
    });
  }
  if (Array.isArray(want) && Array.isArray(got) && want.length === got.length) {
    return want.flatMap((item, index) => differencesBetween(item, got[index] ?? null, `${at}[${index}]`));
  }
  return want === got ? [] : [difference(`${at}: want ${short(want)}, got `, got)];
}

/** Every difference, one line each. */
export const differences = (want: Json, got: Json): string[] => differencesBetween(want, got).map(({ text }) => text);

function difference(before: string, got: Json): Difference {
  const text = pythonJson(got);
  return { text: before + text.slice(0, SHOWN), ...(text.length > SHOWN ? { whole: got } : {}) };
}

const short = (value: Json): string => pythonJson(value).slice(0, SHOWN);
