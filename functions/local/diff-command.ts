import { Command, Option } from "commander";
import type { Settings } from "../../shared/settings.ts";
import { onePass } from "./one-pass.ts";
import { addSettings, givenFlags } from "./options.ts";
import { lines, problemLine } from "./pass-text.ts";
import { planJson, planLines, planOf } from "./plan.ts";
import { tellBug } from "./tell-bug.ts";
import { trafficText } from "./traffic-text.ts";
import { refuseUnreachable, settingsOfCluster } from "./which-cluster.ts";

/** What a pass would change. Exit code 0: nothing; 2: something; 1: it could not be told. */
export function diffCommand(): Command {
  const command = new Command("diff")
    .description("what a pass over a cluster would change, field by field; exits with 2 where that is anything")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text"));
  return addSettings(command, "diff").action(async ({ output }: { output: "text" | "json" }) => {
    const settings = settingsOfCluster(givenFlags(command), process.env);
    for (const note of settings.notes) process.stderr.write(`${note}\n`);
    refuseUnreachable(settings);
    process.exitCode = await diff(settings, output);
  });
}

/** Prints; returns the exit code. */
async function diff(settings: Settings, output: "text" | "json"): Promise<0 | 1 | 2> {
  const brake = settings.allowMassDelete ? undefined : await onePass(settings, { dryRun: true });
  // What the brake would stop is told all the same.
  const isStopped = brake?.report.outcome === "stopped";
  const pass = brake && !isStopped ? brake : await onePass(settings, { dryRun: true, options: { allowMassDelete: true } });
  const { report } = pass;
  tellBug(report, pass.cause);
  // Without the store nothing is known of what is served.
  const all = planOf(pass).filter(({ object }) => settings.store || !object.startsWith("config "));
  const error = report.error ?? (isStopped ? brake.report.error : undefined);
  const isKnown = report.outcome === "done" && pass.unread.length === 0;
  if (output === "json") {
    const told = { outcome: isStopped ? "stopped" : report.outcome, ...(error && { error }), differences: all.map(planJson), problems: report.problems, ...(report.calls && { calls: report.calls }) };
    process.stdout.write(`${JSON.stringify(told, undefined, 2)}\n`);
  } else {
    process.stdout.write(lines([
      ...all.flatMap(planLines),
      ...report.problems.map(problemLine),
      ...(error ? [`${error.code}: ${error.message}`] : []),
      ...(settings.store ? [] : ["configurations were not compared: give the --store that serve uses"]),
      ...(report.calls ? [trafficText(report.calls)] : []),
      summary(all.length, isKnown),
    ]));
  }
  if (!isKnown) return 1;
  return all.length > 0 ? 2 : 0;
}

function summary(count: number, isKnown: boolean): string {
  if (!isKnown) return "not everything could be told";
  return count === 0 ? "nothing would change" : `${count} would change`;
}
