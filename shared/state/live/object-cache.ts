import type { KindInfo } from "../../resources/kinds.ts";
import type { RawObject } from "../directory/convert.ts";
import { type Read, toObject } from "./to-object.ts";

/** What is made of each value that the page cache gives: where it gives the same again, the same is made of it. */
export interface ObjectCache {
  /** With the `apiVersion` at which it is served and the `kind`, which lists of built-in kinds leave out. */
  complete(info: KindInfo, apiVersion: string, item: RawObject): RawObject;
  /** What `toObject` makes of an object. */
  understand(info: KindInfo, object: RawObject): Read;
}

/** It holds nothing but what somebody else holds. */
export function createObjectCache(): ObjectCache {
  const complete = new WeakMap<RawObject, RawObject>();
  const read = new WeakMap<RawObject, Read>();
  return {
    complete({ kind }, apiVersion, item) {
      const known = complete.get(item);
      if (known?.["apiVersion"] === apiVersion && known["kind"] === kind) return known;
      const object = { ...item, apiVersion, kind };
      complete.set(item, object);
      return object;
    },
    understand(info, object) {
      const found = read.get(object) ?? toObject(info, object);
      read.set(object, found);
      return found;
    },
  };
}
