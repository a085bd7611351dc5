import { Command } from "commander";
import { parseSettings, refuseExposure } from "../../shared/settings.ts";
import { CommandFailure } from "./fail.ts";
import { createLog } from "./log.ts";
import { addSettings, givenFlags } from "./options.ts";
import { untilStopped } from "./signals.ts";
import { serve } from "./serve.ts";

/** Runs until it is told to stop by SIGINT or SIGTERM. */
export function serveCommand(): Command {
  const command = new Command("serve").description(
    "serve a cluster in one process: watches a directory of manifests, renders, publishes, serves CDS, probes and metrics",
  );
  return addSettings(command, "serve").action(async () => {
    const flags = givenFlags(command);
    const settings = parseSettings(flags, process.env);
    // KUBECONFIG is often set for other programs: it counts only where nothing else says what the cluster is.
    if (flags["kubeconfig"] !== undefined || (settings.kubeconfig && !settings.manifests)) {
      const name = flags["kubeconfig"] === undefined ? "KUBECONFIG" : "--kubeconfig";
      throw new CommandFailure(`${name}: a cluster as the source comes with the next version; give a directory of manifests with --manifests`);
    }
    refuseExposure(settings);
    const log = createLog(settings);
    const stop = await serve(settings, log);
    await untilStopped(stop, log);
  });
}
