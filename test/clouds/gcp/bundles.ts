import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "../../..");

/** What build.mjs makes of the functions, with what the builder would install beside it. */
export interface Bundles {
  /** Where the bundle of a function is. */
  source(name: string): string;
  remove(): Promise<void>;
}

export async function buildBundles(): Promise<Bundles> {
  const out = await mkdtemp(join(tmpdir(), "stunner-gcp-"));
  await promisify(execFile)(process.execPath, ["build.mjs", "--quiet", "--only=gcp", `--out=${out}/dist`], { cwd: ROOT });
  await symlink(join(ROOT, "node_modules"), join(out, "dist/gcp/node_modules"));
  return { source: (name) => join(out, "dist/gcp", name), remove: () => rm(out, { recursive: true, force: true }) };
}
