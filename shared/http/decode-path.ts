/** A path or a segment of one without its percent-encoding; undefined: that is not as it should be. */
export function decodePath(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
