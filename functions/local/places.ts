import { mkdir, mkdtemp, realpath, rm, stat } from "node:fs/promises";
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
  /** Removes the temporary directory, if one was made: for a start that failed. */
  readonly discard: () => Promise<void>;
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
  if (out) await prepare(source, resolve(out));
  const temporary = out && store ? undefined : await mkdtemp(join(tmpdir(), "stunner-serverless-"));
  const inTemporary = (name: string): string => join(temporary ?? "", name);
  return {
    manifests: source,
    out: out ? resolve(out) : inTemporary("out"),
    store: store || pathToFileURL(inTemporary("store")).href,
    discard: async () => {
      if (temporary) await rm(temporary, { recursive: true, force: true });
    },
  };
}

/** What is written must not be read as the user's, nor the other way round. In legacy mode it holds credentials. */
async function prepare(manifests: string, out: string): Promise<void> {
  await mkdir(out, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new CommandFailure(`--out=${out}: ${reasonOf(error)}`, 2, error);
  });
  const [one, other] = [`${await realpath(manifests)}${sep}`, `${await realpath(out)}${sep}`];
  if (one.startsWith(other) || other.startsWith(one)) {
    throw new CommandFailure(`--out=${out}: must be neither in the directory of --manifests nor around it`);
  }
}
