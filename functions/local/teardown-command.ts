import { Command, Option } from "commander";
import { toBeginAgain } from "../../shared/reconcile/torn-down.ts";
import type { Settings } from "../../shared/settings.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { onePass, type OnePass } from "./one-pass.ts";
import { openCluster } from "./open-cluster.ts";
import { addSettings, givenFlags } from "./options.ts";
import { lines, passText } from "./pass-text.ts";
import { planLines } from "./plan.ts";
import { tellBug } from "./tell-bug.ts";
import { leftovers, markIn, tornDown } from "./torn-down.ts";
import { settingsOfCluster } from "./which-cluster.ts";

/** Removes what is ours. Exit code 0: nothing of it is left; 1: something is, or `--yes` was not given. */
export function teardownCommand(): Command {
  const command = new Command("teardown")
    .description("remove everything that was made in a cluster, and let the statuses say so; what `manifests` prints stays, as do Gateways and routes")
    .option("--yes", "do it; without it what would go is listed")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text"));
  return addSettings(command, "teardown").action(async ({ yes = false, output }: { yes?: boolean; output: "text" | "json" }) => {
    const settings = forTeardown(settingsOfCluster(givenFlags(command), process.env));
    for (const note of settings.notes) process.stderr.write(`${note}\n`);
    if (!settings.store && settings.mode === "managed") process.stderr.write("--store is not given: configurations that are served stay there, and who passes with that store makes everything again\n");
    const pass = await onePass(settings, {
      dryRun: !yes,
      adapt: (cluster, store) => tornDown(cluster, settings.controllerName, markIn(store, settings.cluster)),
      options: { allowMassDelete: true, releaseAfter: 0 },
      // In legacy mode a class that turns invalid keeps its Services; here they go.
      render: { mode: "managed", onInvalid: "teardown" },
    });
    tellBug(pass.report, pass.cause);
    const left = yes && pass.report.outcome !== "failed" ? await whatIsLeft(settings) : [];
    print(pass, { yes, left, output, cluster: settings.cluster });
    const isDone = yes && pass.report.outcome === "done" && pass.unread.length === 0 && left.length === 0;
    if (!isDone) process.exitCode = 1;
  });
}

/** Nothing is delivered any more: neither an address nor keys are needed. A kind that is not served any more has nothing left. */
function forTeardown(settings: Settings): Settings {
  return { ...settings, delivery: "configmap", tokenKeys: "", allowMassDelete: true };
}

function print({ report, unread }: OnePass, { yes, left, output, cluster }: { yes: boolean; left: readonly string[]; output: "text" | "json"; cluster: string }): void {
  if (output === "json") return void process.stdout.write(`${JSON.stringify({ ...report, dryRun: !yes, left }, undefined, 2)}\n`);
  if (yes) {
    // That parameters are missing is how it is done, and no problem.
    process.stdout.write(passText({ report: { ...report, problems: [] }, unread, isDryRun: false }));
    if (left.length > 0) process.stdout.write(lines([`still there: ${left.join(", ")}`]));
    else if (report.outcome !== "failed") process.stdout.write(lines([`passes over cluster ${cluster} do nothing from now on. ${toBeginAgain(cluster)}`]));
    return;
  }
  const failure = report.error ? [`${report.error.code}: ${report.error.message}`] : [];
  process.stdout.write(lines([...report.changes.flatMap((change) => planLines({ ...change, fields: [] })), ...failure, "nothing was done: give --yes to do it"]));
}

/** What is looked for is looked for anew: what a pass says of itself is not enough. */
async function whatIsLeft(settings: Settings): Promise<string[]> {
  const { cluster, close } = await openCluster(settings, { store: createMemoryStore(), everything: true });
  try {
    return leftovers((await cluster.load()).state, settings.controllerName);
  } finally {
    await close();
  }
}
