import { stat } from "node:fs/promises";
import { sep } from "node:path";
import { loadDirectory } from "../../state/directory/load-directory.ts";
import { loadManifests } from "../../state/directory/load-manifests.ts";
import type { Manifests, ManifestSource } from "../../state/directory/load-manifests.ts";
import { ManifestReadError } from "../../state/directory/manifest-read-error.ts";

/** Paths of files and folders that may have changed; `all` where that is not known. */
export type Changed = ReadonlySet<string> | "all";

const MANIFEST = /\.(?:ya?ml|json)$/i;

/**
 * Reads a directory of manifests again and again: everything at first and when asked to, else only what has changed.
 * @param root as absolute path
 * @returns rejects with ManifestReadError where the directory itself cannot be read; then all is read the next time
 */
export function createManifestReader(root: string): (changed: Changed) => Promise<Manifests> {
  let last: Manifests | undefined;
  let inode = "";
  let isBehind = true;

  return async (changed) => {
    const wasBehind = isBehind;
    isBehind = true;
    const found = await inodeOf(root);
    const knowsWhat = !wasBehind && changed !== "all" && found === inode;
    last = knowsWhat && last ? await update(last, within(root, changed)) : await loadDirectory([root], last);
    inode = found;
    isBehind = false;
    return last;
  };
}

async function inodeOf(root: string): Promise<string> {
  try {
    const { dev, ino } = await stat(root);
    return `${dev}:${ino}`;
  } catch (error) {
    throw new ManifestReadError(root, error);
  }
}

function within(root: string, changed: ReadonlySet<string>): string[] {
  return [...changed].filter((path) => path.startsWith(`${root}${sep}`));
}

/** What has changed is read, with what could not be read before; of everything else the text is known. */
async function update(last: Manifests, changed: readonly string[]): Promise<Manifests> {
  const again = [...new Set([...changed, ...unreadable(last).map(({ name }) => name)])];
  if (again.length === 0) return last;
  const parts = await Promise.all(again.map((path) => readPart(path, last)));
  const files = new Map([...last.files].filter(([name]) => !again.some((path) => name === path || name.startsWith(`${path}${sep}`))));
  for (const part of parts) for (const [name, content] of part.files) files.set(name, content);
  const known = [...files].map(([name, { text }]): ManifestSource => ({ name, text }));
  return loadManifests(folderByFolder([...known, ...parts.flatMap(unreadable)]), { ...last, files });
}

/** A file that is no manifest, or is gone, has no part in it. */
async function readPart(path: string, last: Manifests): Promise<Pick<Manifests, "files" | "problems">> {
  try {
    const info = await stat(path);
    if (!info.isDirectory() && !MANIFEST.test(path)) return NOTHING;
    return await loadDirectory([path], last);
  } catch (error) {
    if (error instanceof ManifestReadError || (error as NodeJS.ErrnoException).code === "ENOENT") return NOTHING;
    const message = `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`;
    return { ...NOTHING, problems: [{ severity: "error", file: path, document: 0, line: 0, object: "", field: "", reason: "Unreadable", message }] };
  }
}

const NOTHING: Pick<Manifests, "files" | "problems"> = { files: new Map(), problems: [] };

function unreadable({ problems }: Pick<Manifests, "problems">): Extract<ManifestSource, { unreadable: object }>[] {
  return problems
    .filter(({ document, severity }) => document === 0 && severity === "error")
    .map(({ file, reason, message }) => ({ name: file, unreadable: { reason, message } }));
}

/** In the order in which a walk through the directory finds them: of two manifests for one object the later counts. */
function folderByFolder(sources: readonly ManifestSource[]): ManifestSource[] {
  // No name holds this character, and it comes before all others.
  const keyed = sources.map((source) => ({ source, key: source.name.replaceAll(sep, "\u0000") }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ source }) => source);
}
