import { mkdir, mkdtemp, realpath, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Settings } from "../../shared/settings.ts";
import { CommandFailure, reasonOf } from "./fail.ts";
import { packageDirectory } from "./package.ts";

/** Where things are, as absolute paths. */
export interface Places {
  readonly manifests: string;
  readonly out: string;
  /** URL of the object store. */
  readonly store: string;
}

/**
 * What the settings leave open is in a temporary directory, and the manifests are the examples.
 * @throws {CommandFailure} naming the setting
 */
export async function findPlaces({ manifests, out, store }: Pick<Settings, "manifests" | "out" | "store">): Promise<Places> {
  const source = manifests ? resolve(manifests) : fileURLToPath(new URL("infra/examples", packageDirectory()));
  const info = await stat(source).catch((error: unknown) => {
    throw new CommandFailure(`--manifests=${source}: ${reasonOf(error)}`, 2, error);
  });
  if (!info.isDirectory()) throw new CommandFailure(`--manifests=${source}: not a directory`);
  const temporary = out && store ? "" : await mkdtemp(join(tmpdir(), "stunner-serverless-"));
  const target = out ? resolve(out) : join(temporary, "out");
  await mkdir(target, { recursive: true }).catch((error: unknown) => {
    throw new CommandFailure(`--out=${target}: ${reasonOf(error)}`, 2, error);
  });
  await refuseNesting(source, target);
  return { manifests: source, out: target, store: store || pathToFileURL(join(temporary, "store")).href };
}

/** What is written must not be read as the user's, nor the other way round. */
async function refuseNesting(manifests: string, out: string): Promise<void> {
  const [one, other] = [`${await realpath(manifests)}${sep}`, `${await realpath(out)}${sep}`];
  if (one.startsWith(other) || other.startsWith(one)) {
    throw new CommandFailure(`--out=${out}: must be neither in the directory of --manifests nor around it`);
  }
}
