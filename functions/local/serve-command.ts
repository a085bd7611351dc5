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
    "serve a cluster in one process: watches an API server or a directory of manifests, renders, publishes, serves CDS, probes and metrics",
  );
  return addSettings(command, "serve").action(async () => {
    const flags = givenFlags(command);
    const settings = parseSettings(flags, process.env);
    // KUBECONFIG is often set for other programs: it counts only where nothing else says what the cluster is.
    const isDirectory = flags["kubeconfig"] === undefined && settings.manifests !== "";
    const chosen = isDirectory ? { ...settings, kubeconfig: "" } : settings;
    if (chosen.kubeconfig && chosen.mode === "managed" && !chosen.isAdvertised) {
      throw new CommandFailure(
        "with a kubeconfig, pods must be told where they reach this server: set STUNNER_GATEWAY_OPERATOR_ADDRESS to a host or --cds-url to http://host:port",
      );
    }
    refuseExposure(chosen);
    const log = createLog(chosen);
    const stop = await serve(chosen, log);
    await untilStopped(stop, log);
  });
}
