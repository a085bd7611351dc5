/** A text without the `EOF` line that remains when a shell command is pasted into a file, and that line's number. */
export function stripHereDocumentEnd(text: string): { text: string; line?: number } {
  const match = /(?:^|\n)EOF[ \t\r]*\n*$/.exec(text);
  if (!match) return { text };
  const before = text.slice(0, match.index);
  return { text: before, line: before === "" && !match[0].startsWith("\n") ? 1 : before.split("\n").length + 1 };
}
