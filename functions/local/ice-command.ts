import { Command, InvalidArgumentError, Option } from "commander";
import { stringify } from "yaml";
import { iceConfigurationOf, iceServers, turnTokenOf, type IceQuery } from "../../shared/credentials/ice.ts";
import { isInteger } from "../../shared/credentials/parameters.ts";
import { type IceConfig, readConfig } from "../../shared/credentials/read-config.ts";
import { parseSettings } from "../../shared/settings.ts";
import { CommandFailure } from "./fail.ts";
import { grid } from "./grid.ts";
import { iceConfigs } from "./ice-configs.ts";
import { addSettings, givenFlags } from "./options.ts";

type Format = "json" | "yaml" | "table";

interface Given extends Omit<IceQuery, "publicAddress" | "publicPort" | "includePrivate"> {
  readonly privateAddr?: true;
  readonly turnCredential?: true;
  readonly output: Format;
}

/**
 * Prints credentials and URIs as the auth service gives them (spec/stunnerd.md 14), to standard output alone. Exit code 1:
 * no listener matches.
 */
export function iceCommand(): Command {
  const command = new Command("ice")
    .description("print TURN credentials and the ICE configuration for clients, from a store or a directory of manifests")
    .option("-n, --namespace <NAME>", "only listeners of this namespace")
    .option("-g, --gateway <NAME>", "only those of this Gateway; needs --namespace")
    .option("-l, --listener <NAME>", "only this listener; needs --gateway")
    .option("-u, --username <ID>", "user id that ephemeral names end with")
    .addOption(new Option("--ttl <SECONDS>", "how long ephemeral credentials last (default: 86400)").argParser(ttl))
    .option("--private-addr", "listeners without a public address too, at their relay address")
    .option("--ice-transport-policy <POLICY>", "all or relay, for the client (default: all)")
    .option("--turn-credential", "the answer of the TURN REST API, of the first Gateway, in place of an ICE configuration")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["json", "yaml", "table"]).default("json"));
  return addSettings(command, "ice").action(async (given: Given) => {
    const flags = givenFlags(command);
    const settings = parseSettings(flags, process.env);
    for (const note of settings.notes) process.stderr.write(`${note}\n`);
    if (given.gateway !== undefined && given.namespace === undefined) throw new CommandFailure("--gateway needs --namespace");
    if (given.listener !== undefined && given.gateway === undefined) throw new CommandFailure("--listener needs --namespace and --gateway");
    const configs = (await iceConfigs(settings, flags)).map(readConfig).filter((config) => config !== undefined);
    const { publicAddress, publicPort } = settings;
    const query = { ...given, includePrivate: given.privateAddr === true, publicAddress, publicPort: publicPort || undefined };
    process.stdout.write(`${print(configs, query, given)}\n`);
  });
}

/** @throws {CommandFailure} no listener matches */
function print(configs: readonly IceConfig[], query: IceQuery, { output, turnCredential }: Given): string {
  const now = Date.now();
  const value = turnCredential ? turnTokenOf(configs, query, now) : iceConfigurationOf(configs, query, now);
  const hint = query.includePrivate ? "" : "; --private-addr also takes those without a public address";
  if (!value) throw new CommandFailure(`no valid listener found${hint}`, 1);
  if (output === "json") return JSON.stringify(value, undefined, 2);
  if (output === "yaml") return stringify(value, { lineWidth: 0 }).trimEnd();
  const servers = [...iceServers(configs, query, now)].slice(0, turnCredential ? 1 : undefined);
  const rows = servers.flatMap(({ id, server: { urls, username, credential } }) => urls.map((url) => [id, username, credential, url]));
  return grid(["GATEWAY", "USERNAME", "CREDENTIAL", "URL"], rows);
}

function ttl(text: string): number {
  if (!isInteger(text)) throw new InvalidArgumentError("give a number of seconds");
  return Number(text);
}
