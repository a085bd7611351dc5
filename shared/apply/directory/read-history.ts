import { relative } from "node:path";
import type { Manifests } from "../../state/directory/load-manifests.ts";

/** What of a directory could not be read, as paths relative to it. */
export interface Gaps {
  /** Now, apart from what is known from an earlier load. */
  readonly unread: readonly string[];
  /** Those that could not be read at the first load either: what they held before is not known at all. */
  readonly unknown: readonly string[];
}

/**
 * Remembers which files of a directory have been read without an error. The loader keeps the last good objects of
 * those; of all others it is not known what they hold.
 */
export function createReadHistory(root: string): (manifests: Manifests) => Gaps {
  const read = new Set<string>();
  let unknown: ReadonlySet<string> | undefined;
  return (manifests) => {
    const bad = badSources(manifests);
    for (const file of manifests.files.keys()) if (!bad.has(file)) read.add(file);
    const unread = [...bad].filter((file) => !read.has(file));
    unknown = new Set(unread.filter((file) => unknown === undefined || unknown.has(file)));
    return { unread: unread.map((file) => relative(root, file)), unknown: [...unknown].map((file) => relative(root, file)) };
  };
}

/** Files that are not clear or hold a refused object, and files and folders that could not be read. */
function badSources({ files, problems }: Manifests): Set<string> {
  const unclear = [...files].filter(([, content]) => content.unclear || content.refused.length > 0).map(([file]) => file);
  const unreadable = problems.filter(({ document, severity }) => document === 0 && severity === "error").map(({ file }) => file);
  return new Set([...unclear, ...unreadable]);
}
