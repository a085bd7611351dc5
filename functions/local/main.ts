import { Command, CommanderError } from "commander";
import { isOurs } from "../../shared/reconcile/failure.ts";
import { SettingsError } from "../../shared/settings/settings-error.ts";
import { InvalidStoreUrl } from "../../shared/store/errors.ts";
import { CommandFailure } from "./fail.ts";
import { withTwoDashes } from "./options.ts";
import { packageVersion } from "./package.ts";

type Load = (signalled: Promise<NodeJS.Signals>) => Promise<Command>;

/** Each is loaded when it is asked for: most of them need what others do not. */
const VERBS: Readonly<Record<string, Load>> = {
  render: async () => (await import("./render-command.ts")).renderCommand(),
  serve: async (signalled) => (await import("./serve-command.ts")).serveCommand(signalled),
  reconcile: async () => (await import("./reconcile-command.ts")).reconcileCommand(),
  diff: async () => (await import("./diff-command.ts")).diffCommand(),
  teardown: async () => (await import("./teardown-command.ts")).teardownCommand(),
  manifests: async () => (await import("./manifests-command.ts")).manifestsCommand(),
  ice: async () => (await import("./ice-command.ts")).iceCommand(),
  token: async () => (await import("./token-command.ts")).tokenCommand(),
  "cds-proxy": async () => (await import("./cds-proxy-command.ts")).cdsProxyCommand(),
};

/**
 * `stunner-serverless VERB` (DESIGN.md 4.1). Exit codes: 0 done, 1 errors in what was asked about, 2 cannot be done.
 * @param signalled resolves with the first SIGINT or SIGTERM, for `serve`
 */
export async function main(words: readonly string[], signalled: Promise<NodeJS.Signals>): Promise<void> {
  // A reader that has enough, such as head, closes the pipe.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 2));
  const program = new Command("stunner-serverless")
    .description("the control plane of the STUNner media gateway, without an operator in the cluster")
    .version(packageVersion())
    .showHelpAfterError("(--help shows what is accepted)")
    .exitOverride()
    .configureHelp({ showGlobalOptions: false });
  const asked = Object.entries(VERBS).filter(([verb]) => verb === words[0]);
  // Without a verb that is known, the help names all of them.
  const commands = await Promise.all((asked.length > 0 ? asked : Object.entries(VERBS)).map(([, load]) => load(signalled)));
  for (const command of commands) program.addCommand(command.exitOverride().showHelpAfterError("(--help shows what is accepted)"));
  try {
    await program.parseAsync(withTwoDashes(words), { from: "user" });
  } catch (error) {
    const code = explain(error);
    // Of diff, 2 says that something differs.
    process.exitCode = code === 2 && words[0] === "diff" ? 1 : code;
  }
}

/** Says what is wrong in as few lines as it takes; returns the exit code. */
function explain(error: unknown): number {
  // Commander has said it already; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CommandFailure || error instanceof SettingsError || error instanceof InvalidStoreUrl) {
    process.stderr.write(`${error.message}\n`);
    return error instanceof CommandFailure ? error.exitCode : 2;
  }
  // A store or an API server that does not do what it should.
  if (isOurs(error)) {
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  process.stderr.write(`this should not have happened, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 70;
}
