import { Command } from "commander";
import { refuseExposure } from "../../shared/settings.ts";
import { withApiKeys } from "./api-keys.ts";
import { createLog } from "./log.ts";
import { addSettings, givenFlags } from "./options.ts";
import { untilStopped } from "./signals.ts";
import { serve } from "./serve.ts";
import { servedClusters } from "./served-clusters.ts";
import { refuseUnreachable, settingsOfCluster } from "./which-cluster.ts";

/** Runs until it is told to stop by SIGINT or SIGTERM. */
export function serveCommand(): Command {
  const command = new Command("serve").description(
    "serve a cluster in one process: watches an API server or a directory of manifests, renders, publishes, serves CDS, probes and metrics",
  );
  return addSettings(command, "serve").action(async () => {
    const flags = givenFlags(command);
    const settings = await withApiKeys(settingsOfCluster(flags, process.env));
    const clusters = await servedClusters(settings, flags);
    if (!settings.clusters) refuseUnreachable(settings);
    refuseExposure(settings);
    const log = createLog(settings);
    const stop = await serve(settings, clusters, log);
    await untilStopped(stop, log);
  });
}
