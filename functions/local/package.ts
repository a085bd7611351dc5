import { readFileSync } from "node:fs";

/** The directory of the package: above this file, be it in dist or in functions/local. */
export function packageDirectory(): URL {
  for (const up of ["../", "../../"]) {
    const directory = new URL(up, import.meta.url);
    if (nameIn(directory) === "stunner-serverless") return directory;
  }
  return new URL("./", import.meta.url);
}

export function packageVersion(): string {
  return String(manifest(packageDirectory())?.version ?? "unknown");
}

function nameIn(directory: URL): unknown {
  return manifest(directory)?.name;
}

function manifest(directory: URL): { name?: unknown; version?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(new URL("package.json", directory), "utf8")) as { name?: unknown; version?: unknown };
  } catch {
    return undefined;
  }
}
