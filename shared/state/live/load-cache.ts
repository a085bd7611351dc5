import { createObjectCache, type ObjectCache } from "./object-cache.ts";
import { createPageCache, type PageCache } from "./page-cache.ts";

/**
 * What the loads of one cluster keep from one to the next. Every load asks the API server for everything; what comes
 * back the same is recognized.
 */
export interface LoadCache {
  readonly pages: PageCache;
  readonly objects: ObjectCache;
}

export function createLoadCache(): LoadCache {
  return { pages: createPageCache(), objects: createObjectCache() };
}
