import type { Problem } from "./result.ts";

/** A value, or the one problem for which there is none. What is wrong with user input is a value, never an exception. */
export type Outcome<T> = { readonly value: T; readonly failure?: never } | { readonly failure: Problem; readonly value?: never };

export function failed(object: string, field: string, reason: string, message: string): { readonly failure: Problem } {
  return { failure: { severity: "error", object, field, reason, message } };
}
