import { isKeySegment } from "./key.ts";

/** Whether a store can have written it: others, such as the folders of a console, may lie in the same bucket. */
export function isOwnKey(key: string): boolean {
  return key.split("/").every(isKeySegment);
}
