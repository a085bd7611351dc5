import { text } from "node:stream/consumers";
import { Argument, Command } from "commander";
import { deriveToken, PURPOSES, type Purpose, type TokenScope } from "../../shared/access/token.ts";
import { type PublishedIndex, readIndex } from "../../shared/cds/published-index.ts";
import { parseSettings, type Settings } from "../../shared/settings.ts";
import { openStore } from "../../shared/store/open.ts";
import { CommandFailure } from "./fail.ts";
import { readNamed } from "./follow-files.ts";
import { addSettings, givenFlags } from "./options.ts";
import { explainToken } from "./token-explain.ts";
import { readTokenKeys } from "./token-keys.ts";
import { finishRotation, rotateKeys } from "./token-rotate.ts";

interface Given {
  readonly uid?: string;
  readonly gateway?: string;
  readonly allClusters?: true;
}

/** Makes, explains and rotates tokens (DESIGN.md 4.3). */
export function tokenCommand(): Command {
  const command = new Command("token").description("tokens that open what is served: make one, say what one opens, rotate their keys");
  for (const verb of [mintCommand(), verifyCommand(), rotateCommand()]) {
    command.addCommand(verb.exitOverride().showHelpAfterError("(--help shows what is accepted)"));
  }
  return command;
}

function mintCommand(): Command {
  const command = new Command("mint")
    .description("print a token, a secret, to standard output")
    .addArgument(new Argument("<purpose>", "config: one Gateway's configuration; events: a cluster's events; operator: lists, reports, metrics").choices(PURPOSES))
    .argument("[gateway]", "of config: NAMESPACE/NAME")
    .option("--uid <UID>", "of config: the Gateway's metadata.uid; without it what the store has published is asked")
    .option("--all-clusters", "of operator: for every cluster");
  return addSettings(command, "token").action(async (purpose: Purpose, gateway: string | undefined, given: Given) => {
    const settings = parseSettings(givenFlags(command), process.env);
    const { current } = await readTokenKeys(needed(settings));
    process.stdout.write(`${deriveToken(current, await scopeOf(purpose, gateway, given, settings))}\n`);
  });
}

function verifyCommand(): Command {
  const command = new Command("verify")
    .description("say what a token opens, or why it opens nothing (exit code 1)")
    .argument("[file]", "a file that holds it; without one or with -, standard input", "-")
    .option("--gateway <NAMESPACE/NAME>", "a Gateway to try, next to those that the store has published; needs --uid")
    .option("--uid <UID>", "its metadata.uid");
  return addSettings(command, "token").action(async (file: string, { gateway, uid }: Given) => {
    const settings = parseSettings(givenFlags(command), process.env);
    const ring = await readTokenKeys(needed(settings));
    if ((gateway === undefined) !== (uid === undefined)) throw new CommandFailure("--gateway and --uid are given together");
    const token = file === "-" ? await text(process.stdin) : String(await readNamed(file, file));
    const named = gateway === undefined ? undefined : { ...namesOf(gateway), uid: uid ?? "" };
    const index = settings.store === "" ? undefined : await indexOf(settings);
    const { isOpen, text: told } = explainToken(token.trim(), ring, { cluster: settings.cluster, index, gateway: named });
    process.stdout.write(`${told}\n`);
    if (!isOpen) process.exitCode = 1;
  });
}

function rotateCommand(): Command {
  const command = new Command("rotate")
    .description("write a new key to the key file and keep the old one until --finish; makes the file where there is none")
    .option("--finish", "end the rotation: tokens of the previous key open nothing any more");
  return addSettings(command, "token").action(async ({ finish }: { finish?: true }) => {
    const path = needed(parseSettings(givenFlags(command), process.env));
    process.stdout.write(await (finish ? finishRotation(path) : rotateKeys(path)));
  });
}

function needed({ tokenKeys }: Settings): string {
  if (tokenKeys === "") throw new CommandFailure("--token-keys: give the file with the keys, or set STUNNER_TOKEN_KEYS");
  return tokenKeys;
}

/** @throws {CommandFailure} naming what is missing */
async function scopeOf(purpose: Purpose, gateway: string | undefined, { uid, allClusters }: Given, settings: Settings): Promise<TokenScope> {
  const { cluster } = settings;
  if (purpose !== "config") {
    if (gateway !== undefined || uid !== undefined) throw new CommandFailure(`a token of purpose ${purpose} is not of a Gateway: give none`);
    if (purpose === "events" && allClusters) throw new CommandFailure("--all-clusters: events have a token for each cluster");
    return { purpose, cluster: purpose === "operator" && allClusters ? "" : cluster };
  }
  if (gateway === undefined || allClusters) throw new CommandFailure("a token of purpose config is of one Gateway of one cluster: give NAMESPACE/NAME");
  const names = namesOf(gateway);
  return { purpose, cluster, ...names, uid: uid ?? (await publishedUid(gateway, settings)) };
}

async function publishedUid(gateway: string, settings: Settings): Promise<string> {
  if (settings.store === "") throw new CommandFailure("the UID of the Gateway is needed: give --uid, or --store to ask what is published");
  const uid = (await indexOf(settings))?.configs.get(gateway)?.uid;
  if (uid === undefined) throw new CommandFailure(`nothing is published of Gateway ${gateway} of cluster ${settings.cluster} in ${settings.store}: give --uid`, 1);
  return uid;
}

async function indexOf({ store, cluster }: Settings): Promise<PublishedIndex | undefined> {
  const read = await readIndex(openStore(store), cluster);
  return read.status === "found" ? read.index : undefined;
}

function namesOf(gateway: string): { namespace: string; name: string } {
  const [, namespace, name] = /^([a-z0-9][-a-z0-9]*)\/([a-z0-9][-.a-z0-9]*)$/.exec(gateway) ?? [];
  if (namespace === undefined || name === undefined) throw new CommandFailure(`"${gateway.slice(0, 120)}" is no Gateway: give NAMESPACE/NAME`);
  return { namespace, name };
}
