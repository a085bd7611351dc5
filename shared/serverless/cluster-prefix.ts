const PREFIX = /^\/c\/([A-Za-z0-9][\w-]{0,62})(?=\/)/;

/** What stands in front of a CDS path (DESIGN.md 4.3): `/c/<cluster>`, or nothing. @param url path, and query if any */
export function clusterPrefix(url: string): { readonly prefix: string; readonly name: string | undefined } {
  const [prefix = "", name] = PREFIX.exec(url) ?? [];
  return { prefix, name };
}
