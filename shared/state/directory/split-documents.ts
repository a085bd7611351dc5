/** The text of one document and the line of the file on which it starts, from 1. */
export interface Chunk {
  readonly text: string;
  readonly line: number;
}

// At column 0 these are markers wherever they stand, even inside a block scalar or a quoted text (YAML 1.2.2, 9.1.2).
const MARKER = /^(?:---|\.\.\.)(?=[ \t]|$)/;
const NOTHING = /^[ \t]*(?:#.*)?$/;

/**
 * Splits a YAML stream into its documents before anything is parsed, so that a document that does not parse hides no
 * other. A document keeps its `---` line; documents of nothing but comments are left out.
 */
export function splitDocuments(text: string): Chunk[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const chunks: Chunk[] = [];
  let first = 0;
  const close = (end: number): void => {
    const body = lines.slice(first, end);
    if (!body.every(isNothing)) chunks.push({ text: body.join("\n"), line: first + 1 });
  };
  lines.forEach((line, index) => {
    if (!MARKER.test(line)) return;
    const ends = line.startsWith("...");
    // A directive belongs to the document whose marker follows it.
    if (!ends && lines.slice(first, index).some((one) => one.startsWith("%")) && isPrologue(lines, first, index)) return;
    close(index);
    first = ends ? index + 1 : index;
  });
  close(lines.length);
  return chunks;
}

function isNothing(line: string): boolean {
  return NOTHING.test(line.replace(/^---(?=[ \t]|$)/, ""));
}

function isPrologue(lines: readonly string[], from: number, to: number): boolean {
  return lines.slice(from, to).every((line) => line.startsWith("%") || NOTHING.test(line));
}
