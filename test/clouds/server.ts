import { existsSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePorts } from "../cluster/ports.ts";
import { ProgramFailed, startProgram } from "../cluster/program.ts";

/** A server that stands for a cloud. */
export interface CloudServer {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  stop(): Promise<void>;
}

const here = import.meta.dirname;

/** What install.sh puts into the cache. */
const PLACES = {
  moto: () => join(`moto-${versionIn("requirements.txt", "moto==")}`, "bin/moto_server"),
  python: () => join(`moto-${versionIn("requirements.txt", "moto==")}`, "bin/python"),
  versitygw: () => join(`versitygw-${versionIn("go/go.mod", "github.com/versity/versitygw v")}`, "versitygw"),
  "fake-gcs-server": () => join(`fake-gcs-server-${versionIn("go/go.mod", "github.com/fsouza/fake-gcs-server v")}`, "fake-gcs-server"),
  // Of the module, which node runs.
  "aws-lambda-ric": () => join(`aws-lambda-ric-${versionIn("node/package.json", '"dependencies": { "aws-lambda-ric": "').replace(/".*/, "")}`, "node_modules/aws-lambda-ric/index.mjs"),
} as const;

export type CloudProgram = keyof typeof PLACES;

export function placeOf(program: CloudProgram): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "stunner-serverless", PLACES[program]());
}

function versionIn(file: string, before: string): string {
  const line = readFileSync(join(here, file), "utf8").split("\n").find((one) => one.trim().startsWith(before));
  return line?.trim().slice(before.length).split(/\s/)[0] ?? "unknown";
}

/** Defines tests that need a server. Where it is not installed there is one line instead, and in CI a failure. */
export function withServer(program: CloudProgram, define: () => void): void {
  unlessMissing(existsSync(placeOf(program)) ? undefined : `test clouds: ${program} is not installed; run test/clouds/install.sh (minutes, once)`, define);
}

/** Defines tests unless something is missing: then there is that line instead, and in CI a failure. */
export function unlessMissing(missing: string | undefined, define: () => void): void {
  if (missing === undefined) return define();
  process.stderr.write(`${missing}\n`);
  test("what the tests need is installed, or this is not CI", () => {
    expect(process.env["CI"] ? missing : undefined).toBeUndefined();
  });
}

export interface ServerOptions {
  readonly program: CloudProgram;
  readonly args: (port: number, directory: string) => readonly string[];
  /** A path that the server answers once it is ready, whatever it answers. */
  readonly path?: string;
}

/** Starts a server on a port of its own; it does not outlive this process. @throws {ProgramFailed} */
export async function startServer({ program, args, path = "/" }: ServerOptions, tries = 3): Promise<CloudServer> {
  const directory = await mkdtemp(join(tmpdir(), `${program}-`));
  const [port = 0] = await freePorts(1);
  const origin = `http://127.0.0.1:${port}`;
  const running = startProgram(program, { command: placeOf(program), args: args(port, directory), directory, cleans: true });
  try {
    await running.ready(() => fetch(origin + path).then(() => true, () => false), 60_000);
    return { origin, stop: () => running.stop() };
  } catch (error) {
    // Another process may have taken the port meanwhile.
    if (!(error instanceof ProgramFailed) || tries <= 1) throw error;
    return startServer({ program, args, path }, tries - 1);
  }
}
