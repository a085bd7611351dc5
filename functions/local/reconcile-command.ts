import { Command, Option } from "commander";
import { onePass } from "./one-pass.ts";
import { addSettings, givenFlags } from "./options.ts";
import { passText } from "./pass-text.ts";
import { tellBug } from "./tell-bug.ts";
import { refuseUnreachable, settingsOfCluster } from "./which-cluster.ts";

/** One pass over a cluster. Exit code 0: all is done; 1: something could not be done. */
export function reconcileCommand(): Command {
  const command = new Command("reconcile")
    .description("one pass over a cluster: load, render, publish, apply, report")
    .option("--dry-run", "judged by the API server, kept by nobody")
    .addOption(new Option("-o, --output <format>", "how to print: a summary, or the report").choices(["text", "json"]).default("text"));
  return addSettings(command, "reconcile").action(async ({ dryRun = false, output }: { dryRun?: boolean; output: "text" | "json" }) => {
    const settings = settingsOfCluster(givenFlags(command), process.env);
    for (const note of settings.notes) process.stderr.write(`${note}\n`);
    refuseUnreachable(settings);
    const { report, cause, unread } = await onePass(settings, { dryRun });
    if (!settings.store && settings.mode === "managed") {
      process.stderr.write("--store is not given: nothing is known of what is served, and what this pass renders is served by nobody\n");
    }
    tellBug(report, cause);
    process.stdout.write(output === "json" ? `${JSON.stringify(report, undefined, 2)}\n` : passText({ report, unread, isDryRun: dryRun }));
    if (report.outcome !== "done" || unread.length > 0) process.exitCode = 1;
  });
}
