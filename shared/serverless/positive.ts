/** A whole number above 0 as a variable has it; undefined: something else, or nothing. */
export function positive(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}
