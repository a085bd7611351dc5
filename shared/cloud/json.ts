/** JSON of an answer; undefined: it is none. The text is repeated nowhere: it may hold secrets. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
}
