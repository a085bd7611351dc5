import { Command, Option } from "commander";
import { text } from "node:stream/consumers";
import { stringify } from "yaml";
import { toProblems } from "../../shared/apply/directory/problems.ts";
import { render } from "../../shared/render/render.ts";
import type { Problem, RenderResult } from "../../shared/render/result.ts";
import { parseSettings } from "../../shared/settings.ts";
import type { Settings } from "../../shared/settings.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { loadDirectory } from "../../shared/state/directory/load-directory.ts";
import { parseManifests } from "../../shared/state/directory/load-manifests.ts";
import type { Manifests } from "../../shared/state/directory/load-manifests.ts";
import { ManifestReadError } from "../../shared/state/directory/manifest-read-error.ts";
import { CommandFailure } from "./fail.ts";
import { printable } from "./grid.ts";
import { addSettings, givenFlags } from "./options.ts";
import { overview } from "./overview.ts";
import { renderOptions } from "./render-options.ts";
import { tellsError } from "./status-errors.ts";
import { gatewayTokens } from "./token-keys.ts";

type Format = "yaml" | "json" | "table";

/** Prints what would be made of manifests. Exit code 1 with `--strict` and an error in a status or a manifest. */
export function renderCommand(): Command {
  const command = new Command("render")
    .description("render manifests offline: prints the configurations, objects and statuses that they give")
    .requiredOption("-f, --filename <path...>", "files and directories of manifests; - is standard input")
    .addOption(new Option("-o, --output <format>", "how to print; yaml and json hold credentials, as the configurations do").choices(["yaml", "json", "table"]).default("yaml"))
    .option("--strict", "exit with 1 when a status or a manifest has an error")
    .addOption(new Option("--mode <mode>", "short for --dataplane-mode"));
  addSettings(command, "render").action(async (given: { filename: string[]; output: Format; strict?: boolean; mode?: string }) => {
    const flags = givenFlags(command);
    const mode = given.mode === undefined ? {} : { "dataplane-mode": given.mode };
    const settings = parseSettings({ ...flags, ...mode }, process.env);
    for (const note of settings.notes) process.stderr.write(`${note}\n`);
    const failed = await renderPaths(given.filename, given.output, settings);
    if (failed && given.strict) process.exitCode = 1;
  });
  return command;
}

/** Returns whether there is an error in a status or a manifest. */
async function renderPaths(paths: readonly string[], format: Format, settings: Settings): Promise<boolean> {
  const manifests = await load(paths);
  const state = clusterState(manifests.flatMap(({ objects }) => objects));
  const token = await gatewayTokens(settings);
  if (!token && isRemote(settings)) process.stderr.write(`delivery ${settings.delivery}: there is no token in the Secrets: give --token-keys, unless CDS asks for none\n`);
  const options = { ...renderOptions(settings, settings.configOrigin(), token), published: new Map(), released: new Set<string>(), now: Date.now() };
  const result = render(state, options);
  const problems = [...manifests.flatMap((one) => toProblems(one.problems, ".")), ...result.problems];
  if (format === "table") print(process.stdout, overview(state, result, problems));
  else {
    print(process.stdout, format === "json" ? JSON.stringify(plain(result, problems), undefined, 2) : yaml(plain(result, problems)));
    for (const problem of problems) print(process.stderr, line(problem));
  }
  return result.statuses.some((status) => tellsError(status, settings.controllerName)) || problems.some(({ severity }) => severity === "error");
}

/** Whether pods get a sidecar that is to have a token. */
function isRemote({ mode, delivery }: Settings): boolean {
  return mode === "managed" && (delivery === "proxy" || delivery === "pull");
}

async function load(paths: readonly string[]): Promise<Manifests[]> {
  const files = paths.filter((path) => path !== "-");
  try {
    const loaded = files.length > 0 ? [await loadDirectory(files)] : [];
    return files.length < paths.length ? [...loaded, parseManifests(await text(process.stdin), "standard input")] : loaded;
  } catch (error) {
    if (error instanceof ManifestReadError) throw new CommandFailure(error.message, 2, error);
    throw error;
  }
}

function plain(result: RenderResult, problems: readonly Problem[]) {
  const configs = Object.fromEntries([...result.configs].map(([id, { config }]) => [id, config]));
  const { objects, statuses } = result;
  return { configs, objects, statuses, problems };
}

function yaml(value: object): string {
  return stringify(value, { schema: "yaml-1.1", lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
}

function line({ severity, object, field, reason, message }: Problem): string {
  return printable(`${severity}: ${object}${field ? ` ${field}` : ""}: ${reason}: ${message}`);
}

function print(stream: NodeJS.WriteStream, printed: string): void {
  stream.write(`${printed}\n`);
}
