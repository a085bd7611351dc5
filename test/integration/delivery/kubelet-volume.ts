import { chmodSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Texts = Readonly<Record<string, string>>;

/**
 * A mounted ConfigMap or Secret as the kubelet lays it out: `key` → `..data/key`, `..data` → a directory that is replaced as a
 * whole, by the rename of a symlink, and then removed.
 */
export function createMount(directory: string): { write(texts: Texts): void } {
  let generation = 0;
  let keys: readonly string[] = [];
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  return {
    write(texts) {
      const before = generation > 0 ? readlinkSync(join(directory, "..data")) : undefined;
      generation += 1;
      const name = `..2026_${generation}`;
      mkdirSync(join(directory, name), { mode: 0o755 });
      for (const [key, text] of Object.entries(texts)) writeFileSync(join(directory, name, key), text, { mode: 0o644 });
      symlinkSync(name, join(directory, "..data_tmp"));
      renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
      for (const key of Object.keys(texts)) if (!keys.includes(key)) symlinkSync(`..data/${key}`, join(directory, key));
      for (const key of keys) if (!(key in texts)) rmSync(join(directory, key));
      keys = Object.keys(texts);
      if (before !== undefined) rmSync(join(directory, before), { recursive: true });
    },
  };
}
