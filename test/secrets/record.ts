import type { ChildProcess } from "node:child_process";
import { channel } from "node:diagnostics_channel";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import type { Readable } from "node:stream";
import { FOUND, isSearched, isSearchedFile } from "./places.ts";
import { secretsIn } from "./secrets.ts";

/**
 * Vitest's setup file: where STUNNER_RECORD names a directory, everything that any process of a suite says is kept there, and
 * what a suite leaves in its temporary directories is searched before it is removed. Without it, nothing is done.
 */
export function startRecord(directory: string): () => void {
  fs.mkdirSync(directory, { recursive: true });
  const append = (name: string, text: string | Uint8Array): void => fs.appendFileSync(join(directory, name), text);
  let count = 0;

  function keep(command: string, stream: Readable | null, number: 1 | 2): void {
    if (!stream || !isSearched(command, number)) return;
    const name = `${process.pid}-${(count += 1)}.said`;
    const push = stream.push.bind(stream);
    append(name, `${JSON.stringify(command)}\n`);
    // Not by listening, which would take the data from who listens later.
    stream.push = (chunk: unknown, ...rest) => {
      if (chunk instanceof Uint8Array || typeof chunk === "string") append(name, chunk);
      return push(chunk, ...rest);
    };
  }
  const onProcess = (message: unknown): void => {
    const { process: child } = message as { process: ChildProcess };
    child.once("spawn", () => {
      const command = child.spawnargs.join(" ");
      keep(command, child.stdout, 1);
      keep(command, child.stderr, 2);
    });
  };
  channel("child_process").subscribe(onProcess);

  function search(path: fs.PathLike, recursive: boolean | undefined): void {
    const root = resolve(String(path));
    if (!recursive || !root.startsWith(tmpdir() + sep) || !fs.existsSync(root)) return;
    for (const file of filesIn(root).filter(isSearchedFile)) {
      for (const found of secretsIn(readOr(file))) append(FOUND, `${file}: ${found}\n`);
    }
  }
  const { rmSync } = fs;
  const { rm } = fs.promises;
  fs.rmSync = (path, options) => {
    search(path, options?.recursive);
    rmSync(path, options);
  };
  fs.promises.rm = async (path, options) => {
    search(path, options?.recursive);
    await rm(path, options);
  };
  syncBuiltinESMExports();
  return () => {
    channel("child_process").unsubscribe(onProcess);
    Object.assign(fs, { rmSync });
    Object.assign(fs.promises, { rm });
    syncBuiltinESMExports();
  };
}

function filesIn(root: string): string[] {
  try {
    const entries = fs.readdirSync(root, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    // Somebody else removes it at the same time.
    return [];
  }
}

function readOr(path: string): string {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const wanted = process.env["STUNNER_RECORD"];
/** For the test of this file, whose secrets are found as they should be. */
export const stopRecord = wanted ? startRecord(wanted) : () => undefined;
