import type { Change } from "./change.ts";

/** What became of an event. */
export type Decoded = Accepted | Refusal;

export interface Accepted {
  readonly changes: readonly Change[];
  /** JSON that the sender waits for. */
  readonly answer?: unknown;
}

/** An event that cannot be read. The message is for whoever set up the sender; nothing of the event is in it. */
export interface Refusal {
  /** HTTP status. */
  readonly status: 400 | 413 | 415 | 422;
  /** Stable, one word in CamelCase. */
  readonly code: "NotJson" | "UnknownEvent" | "BadEvent" | "TooLarge" | "BadContentType";
  readonly message: string;
}

export function isRefusal(decoded: Decoded): decoded is Refusal {
  return "status" in decoded;
}

export function refuse(status: Refusal["status"], code: Refusal["code"], message: string): Refusal {
  return { status, code, message };
}

/** A refusal that names the field that is wrong, and what is accepted there. */
export function refuseField(what: string, error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }): Refusal {
  const [issue] = error.issues;
  return refuse(422, "BadEvent", `${what}: ${issue?.path.map(String).join(".") || "the whole"}: ${issue?.message ?? "not as expected"}`);
}
