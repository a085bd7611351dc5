import { Option } from "commander";
import type { Command } from "commander";
import { SETTINGS, WITHOUT_MEANING } from "../../shared/settings/table.ts";
import type { SettingRow, Verb } from "../../shared/settings/table.ts";
import type { Flags } from "../../shared/settings.ts";

/** Adds the flags of every setting that the verb has. Values stay texts: `parseSettings` reads them. */
export function addSettings(command: Command, verb: Verb): Command {
  for (const row of Object.values<SettingRow>(SETTINGS)) {
    if (row.flag === undefined || !row.verbs.includes(verb)) continue;
    command.addOption(optionOf(row.flag, row.value, `${row.help}${row.initial ? ` (default: ${row.initial})` : ""}`));
  }
  // Deployments that move over bring these along; the help is short without them.
  for (const [flag, { value }] of Object.entries(WITHOUT_MEANING)) command.addOption(optionOf(flag, value, "").hideHelp());
  return command;
}

/** A switch may be given a value, as Go's flag package has it: `--endpoint-discovery=false`. */
function optionOf(flag: string, value: string | undefined, help: string): Option {
  return new Option(value === undefined ? `--${flag} [bool]` : `--${flag} <${value}>`, help);
}

/** What was given, by the name of the flag. */
export function givenFlags(command: Command): Flags {
  return Object.fromEntries(
    command.options.map((option) => [option.long?.slice(2) ?? "", command.getOptionValue(option.attributeName()) as string | boolean | undefined]),
  );
}

/** Go takes `-flag` for `--flag`; so do the manifests of those who come from the upstream operator. */
export function withTwoDashes(words: readonly string[]): string[] {
  const flags = new Set([...Object.values<SettingRow>(SETTINGS).map((row) => row.flag), ...Object.keys(WITHOUT_MEANING)]);
  return words.map((word) => (/^-[a-z]/.test(word) && flags.has(word.slice(1).split("=")[0]) ? `-${word}` : word));
}
