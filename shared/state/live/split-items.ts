const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The items of a JSON array, as they are written; none of an empty one. What is no JSON is cut somewhere, or undefined.
 * @param array with its brackets, and nothing before or after them
 */
export function splitItems(array: Buffer): Buffer[] | undefined {
  const items: Buffer[] = [];
  const end = array.length - 1;
  let depth = 0;
  let from = 1;
  for (let at = 1; at < end; at++) {
    const byte = array[at];
    if (byte === QUOTE) {
      for (at++; at < end && array[at] !== QUOTE; at++) if (array[at] === BACKSLASH) at++;
    } else if (byte === OPEN_MAP || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE_MAP || byte === CLOSE_LIST) depth--;
    else if (byte === COMMA && depth === 0) {
      items.push(array.subarray(from, at));
      from = at + 1;
    }
  }
  if (depth !== 0) return undefined;
  return end > 1 ? [...items, array.subarray(from, end)] : items;
}
