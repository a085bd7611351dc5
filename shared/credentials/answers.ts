/** One HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Credentials are for the one who asked, once. */
const PRIVATE = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };

/** What was asked for (spec/stunnerd.md 14.2). */
export function found(value: object): Answer {
  return { status: 200, headers: { "Content-Type": "application/json; charset=UTF-8", ...PRIVATE }, body: `${JSON.stringify(value)}\n` };
}

/** An error that the original has, in its words. */
export function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "Content-Type": "text/plain; charset=utf-8", ...PRIVATE, ...headers }, body: `${text}\n` };
}

/** An error that the original does not have, as the error object of CDS (spec/cds.md 2.1). */
export function failure(code: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = `${JSON.stringify({ code, message })}\n`;
  return { status: code, headers: { "Content-Type": "application/json", ...PRIVATE, ...headers }, body };
}
