import type { Problem } from "../render/result.ts";

/** API servers ask for 120, cut at 256, and drop what is more than 4096 in all. */
const LONGEST_WARNING = 120;
const MOST_WARNINGS = 16;
/** Of one problem: a list of ten thousand bad prefixes says enough in its beginning. */
const LONGEST_TEXT = 340;
const LONGEST_MESSAGE = 2000;
const CONTINUED = "... ";

/** A problem in one line: the object, where it is another than the one that is written, the field, what is wrong and what is accepted. */
export function textOf({ object, field, message }: Problem, reviewed: string): string {
  return clip([...(object === reviewed ? [] : [object]), ...(field === "" ? [] : [field]), message].join(": "), LONGEST_TEXT);
}

/** Texts as warnings, broken between words; of very many the last one tells how many there are. */
export function warningsOf(texts: readonly string[]): string[] {
  const lines: string[] = [];
  for (const [index, text] of texts.entries()) {
    const broken = breakLines(text);
    const room = MOST_WARNINGS - (index === texts.length - 1 ? 0 : 1);
    if (lines.length + broken.length > room) return [...lines, `... and ${texts.length - index} more`];
    lines.push(...broken);
  }
  return lines;
}

/** Why a write is refused. */
export function messageOf(texts: readonly string[]): string {
  return clip(texts.join("; "), LONGEST_MESSAGE);
}

function breakLines(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap(pieces)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (size(longer) <= LONGEST_WARNING) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = CONTINUED + word;
  }
  return [...lines, line];
}

/** A word that fits into a line behind the mark of a continued one. */
function pieces(word: string): string[] {
  const found: string[] = [];
  let piece = "";
  for (const character of word) {
    if (size(piece + character) > LONGEST_WARNING - CONTINUED.length) {
      found.push(piece);
      piece = "";
    }
    piece += character;
  }
  return [...found, piece];
}

/** Control characters have no place in a header; nor have halves of a character, which cutting leaves. */
function clip(text: string, most: number): string {
  const plain = text.slice(0, most + 1).replaceAll(/[\p{Cc}\s]+/gu, " ").toWellFormed();
  return text.length > most ? `${plain.slice(0, most - 3).toWellFormed()}...` : plain;
}

const size = (text: string): number => Buffer.byteLength(text);
