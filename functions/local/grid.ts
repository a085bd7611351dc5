/** Columns as wide as their content, two spaces apart; the last column is not padded. */
export function grid(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((row) => head.map((_, column) => printable(row[column] ?? "") || "-"));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => [...(line[column] ?? "")].length)));
  return lines
    .map((line) => line.map((cell, column) => (column === head.length - 1 ? cell : pad(cell, widths[column] ?? 0))).join("  "))
    .join("\n");
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - [...cell].length));
}

/** Manifests are anybody's: what would move the cursor or colour a terminal is shown as what it is. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu, " ");
}
