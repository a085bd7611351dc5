/** How alike two words must be, from 0 to 1, for one to be taken for a slip of the other. */
const LIKENESS = 0.5;

/** The candidate that most likely was meant; undefined where none is close. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const pairs = pairsOf(word);
  let best: string | undefined;
  let most = LIKENESS;
  for (const candidate of candidates) {
    const alike = likeness(pairs, pairsOf(candidate));
    if (alike > most) [best, most] = [candidate, alike];
  }
  return best;
}

/** Letters with their neighbours, in lower case, the word's ends included. */
function pairsOf(word: string): ReadonlySet<string> {
  const padded = ` ${word.toLowerCase()} `;
  return new Set(Array.from({ length: padded.length - 1 }, (_, index) => padded.slice(index, index + 2)));
}

/** Sørensen–Dice coefficient. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return (2 * [...a].filter((pair) => b.has(pair)).length) / (a.size + b.size);
}
