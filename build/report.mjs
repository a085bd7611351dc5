/**
 * What a bundle consists of: its inputs by bytes, and the same by package or part.
 * @param {Record<string, { inputs: Record<string, { bytesInOutput: number }> }>} outputs of esbuild's metafile
 */
export function contentsOf(outputs) {
  const inputs = new Map();
  for (const output of Object.values(outputs)) {
    for (const [path, { bytesInOutput: bytes }] of Object.entries(output.inputs)) inputs.set(path, (inputs.get(path) ?? 0) + bytes);
  }
  const parts = new Map();
  for (const [path, bytes] of inputs) parts.set(partOf(path), (parts.get(partOf(path)) ?? 0) + bytes);
  return { parts: descending(parts), inputs: descending(inputs) };
}

/** `zod`, `@scope/name` or `shared/render`. */
export function partOf(path) {
  const [, scope, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?)([^/]+)/.exec(path) ?? [];
  return name === undefined ? path.split("/").slice(0, 2).join("/") : `${scope}${name}`;
}

function descending(sizes) {
  return [...sizes].filter(([, bytes]) => bytes > 0).sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
}
