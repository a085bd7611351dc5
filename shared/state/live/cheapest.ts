import { SERVICE_NAME_LABEL } from "../../resources/constants.ts";
import type { ListOptions } from "./list.ts";

/** So many requests of which each answers little cost about as much as a list of everything. */
const MOST_REQUESTS = 12;
/** Lists of whole namespaces may hold much that nobody refers to. */
const MOST_NAMESPACES = 4;
/** With so many names a selector still fits every proxy's limit for URLs. */
const NAMES_PER_SELECTOR = 40;

/** How to read some objects of a kind: one by one, or in lists that hold them. */
export type Reads = { readonly names: readonly string[] } | { readonly lists: readonly ListOptions[] };

/** @param keys `namespace/name` */
export function cheapestReads(keys: readonly string[]): Reads {
  if (keys.length <= MOST_REQUESTS) return { names: keys };
  const namespaces = new Set(keys.map(namespaceOf));
  return { lists: namespaces.size <= MOST_NAMESPACES ? [...namespaces].map((namespace) => ({ namespace })) : [{}] };
}

/** Lists that hold the EndpointSlices of Services (`namespace/name`), which bear any name. */
export function cheapestSliceLists(services: readonly string[]): ListOptions[] {
  const byNamespace = Map.groupBy([...services].sort(), namespaceOf);
  const lists = [...byNamespace].flatMap(([namespace, keys]) =>
    chunks(keys.map((key) => key.slice(namespace.length + 1))).map((names) => ({
      namespace,
      labelSelector: `${SERVICE_NAME_LABEL} in (${names.join(",")})`,
    })),
  );
  return lists.length <= MOST_REQUESTS ? lists : [{}];
}

function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}

function chunks(names: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(names.length / NAMES_PER_SELECTOR) }, (_, index) =>
    names.slice(index * NAMES_PER_SELECTOR, (index + 1) * NAMES_PER_SELECTOR),
  );
}
